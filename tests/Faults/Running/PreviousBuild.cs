namespace Faults.Running;

/// <summary>A project as it was at another commit (FAULTS_PREVIOUS, else the one before HEAD), built in a work tree of its own that goes with this.</summary>
internal sealed class PreviousBuild : IAsyncDisposable
{
    /// <summary>What a test run sets, for MSBuild and for the services, and a build of its own must not find.</summary>
    private static readonly string[] NotInherited =
    [
        "MSBUILDEXTENSIONSPATH", "MSBuildExtensionsPath", "MSBuildSDKsPath", "MSBuildLoadMicrosoftTargetsReadOnly", "MSBUILD_EXE_PATH",
        "DOTNET_STARTUP_HOOKS", "DOTNET_HOST_PATH",
    ];

    private readonly string _root, _folder;

    private PreviousBuild(string root, string folder, string commit, string program) => (_root, _folder, Commit, Program) = (root, folder, commit, program);

    /// <summary>Its hash and its message's first line.</summary>
    public string Commit { get; }

    public string Program { get; }

    public static async Task<PreviousBuild> MakeAsync(string project)
    {
        var root = await OwnProcess.RunAsync("git", "-C", AppContext.BaseDirectory, "rev-parse", "--show-toplevel");
        var revision = Environment.GetEnvironmentVariable("FAULTS_PREVIOUS") is { Length: > 0 } given ? given : "HEAD~1";
        var commit = await OwnProcess.RunAsync("git", "-C", root, "log", "-1", "--format=%h %s", revision);
        var folder = Path.Combine(Path.GetTempPath(), $"faults-previous-{Environment.ProcessId}");
        await OwnProcess.RunAsync("git", "-C", root, "worktree", "add", "--detach", folder, revision);
        var build = new PreviousBuild(root, folder, commit, Path.Combine(folder, project, "bin/Debug/net10.0", project));
        try
        {
            // No build server: it would outlive the test.
            await OwnProcess.RunAsync(
                "env",
                [
                    .. NotInherited.SelectMany(name => (string[])["-u", name]), "dotnet", "build", "-c", "Debug", "-nodeReuse:false",
                    "-p:UseSharedCompilation=false", "--nologo", Path.Combine(folder, project, $"{project}.csproj"),
                ]);
            return build;
        }
        catch
        {
            await build.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await OwnProcess.RunAsync("git", "-C", _root, "worktree", "remove", "--force", _folder);
}
