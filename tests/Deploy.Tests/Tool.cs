using System.Diagnostics;
using Support;

namespace Deploy.Tests;

/// <summary>A program that is not the project's own: tests use it where it is, and skip without. It is looked for in PATH, and packed in shared/kube.</summary>
internal sealed record Tool(string Path)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The program, or the end of the test with a word on where it was looked for.</summary>
    public static async Task<Tool> FindAsync(string name)
    {
        var variable = name.ToUpperInvariant();
        if (SharedTool.Find(name, variable) is { } path) return new(path);
        var packed = SharedTool.Find($"../kube/{name}.xz", $"{variable}_XZ");
        Assert.SkipWhen(packed is null, $"There is no {name}: {variable} names none, nor is it in PATH, nor packed in shared/kube beside the repository.");
        return new(await UnpackAsync(name, packed!));
    }

    /// <summary>Runs it and gives back its exit code and what it said, both outputs.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, string? input = null)
    {
        using var process = Process.Start(new ProcessStartInfo(Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(Patience);
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var said = await output;
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, string.Concat(said));
    }

    // Several test processes may do so at once: each writes a file of its own, and the last one's name stays.
    private static async Task<string> UnpackAsync(string name, string packed)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(System.IO.Path.GetTempPath(), "aspire-webhooks-tools")).FullName;
        var program = System.IO.Path.Combine(folder, name);
        if (File.Exists(program)) return program;
        var half = $"{program}.{Environment.ProcessId}";
        var (exitCode, said) = await new Tool("/bin/sh").RunAsync(
            ["-c", "xz -dc \"$0\" > \"$1\" && chmod +x \"$1\" && mv \"$1\" \"$2\"", packed, half, program]);
        Assert.SkipWhen(exitCode != 0, $"{packed} cannot be unpacked: {said}");
        return program;
    }
}
