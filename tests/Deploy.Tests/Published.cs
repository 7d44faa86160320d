using System.Diagnostics;
using Support;

[assembly: AssemblyFixture(typeof(Deploy.Tests.Published))]

namespace Deploy.Tests;

/// <summary>The AppHost's manifest as this build publishes it, once for all tests.</summary>
public sealed class Published : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The folder of the repository.</summary>
    public static string Root { get; } =
        RepositoryFolder.Find() ?? throw new InvalidOperationException($"There is no AspireWebhooks.sln above {AppContext.BaseDirectory}.");

    /// <summary>The folder <c>deploy</c>.</summary>
    public static string Folder { get; } = Path.Combine(Root, "deploy");

    /// <summary>The manifest's text.</summary>
    public string Json { get; private set; } = "";

    /// <summary>What the generator reads off it.</summary>
    public DeployModel Model { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("manifest");
        try
        {
            var file = Path.Combine(folder.FullName, "manifest.json");
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(Patience);
            using var host = Process.Start(StartOf(file))!;
            var said = await Task.WhenAll(host.StandardOutput.ReadToEndAsync(limit.Token), host.StandardError.ReadToEndAsync(limit.Token));
            await host.WaitForExitAsync(limit.Token);
            Assert.True(host.ExitCode == 0, string.Join('\n', said));

            // Any text there aborts aspirate.
            Assert.Equal("", said[1]);
            Json = await File.ReadAllTextAsync(file, limit.Token);
            Model = DeployModel.From(Manifest.Parse(Json));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Beside this assembly's own folder, in the same configuration; without what a shell of the developer's may have set.
    private static ProcessStartInfo StartOf(string file)
    {
        var output = Path.GetRelativePath(Path.Combine(Root, "tests/Deploy.Tests"), AppContext.BaseDirectory);
        var start = new ProcessStartInfo(Path.Combine(Root, "AppHost", output, "AppHost"), ["--publisher", "manifest", "--output-path", file])
        {
            WorkingDirectory = Path.Combine(Root, "AppHost"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in new[] { "KAFKA_HOME", "ConnectionStrings__broker", "Port" }) start.Environment.Remove(name);
        return start;
    }
}
