using System.Diagnostics;
using Systems;

namespace Faults.Running;

/// <summary>
/// A process that is killed with this one, however this one ends: the kernel sends it SIGKILL when the thread that started it is gone, so
/// that thread stays until the process has ended.
/// </summary>
internal sealed class OwnProcess : IAsyncDisposable
{
    private readonly TaskCompletionSource<int> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OwnProcess(ProcessStartInfo info, Action<string>? hear) =>
        new Thread(() => Run(info, hear)) { IsBackground = true, Name = info.ArgumentList[3] }.Start();

    public Task Ended => _ended.Task;

    public static Task<OwnProcess> StartAsync(string program, params string[] arguments) => StartAsync(InfoOf(["--", program, .. arguments]));

    /// <summary>As that, with nothing inherited: in an environment and a folder of its own.</summary>
    /// <param name="environment">All of it.</param>
    /// <param name="folder">Where it works.</param>
    /// <param name="hear">Is given each line that it writes; null: nobody listens.</param>
    /// <param name="command">For setpriv.</param>
    public static Task<OwnProcess> StartInAsync(
        IReadOnlyDictionary<string, string> environment, string folder, Action<string>? hear, params string[] command)
    {
        var info = InfoOf(command);
        info.WorkingDirectory = folder;
        info.Environment.Clear();
        foreach (var (name, value) in environment) info.Environment[name] = value;
        return StartAsync(info, hear);
    }

    /// <summary>Runs a short command to its end and returns what it wrote.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? (await output).Trim()
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}");
    }

    public Task<int> PidAsync() => _started.Task;

    public async ValueTask DisposeAsync()
    {
        // One that has ended by itself has a number that may be another's by now.
        if (!_ended.Task.IsCompleted) Signals.Send(await PidAsync(), Signals.Kill);
        await _ended.Task;
    }

    private static ProcessStartInfo InfoOf(string[] command) => new("setpriv", ["--pdeathsig", "KILL", .. command])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        RedirectStandardInput = true,
    };

    private static async Task<OwnProcess> StartAsync(ProcessStartInfo info, Action<string>? hear = null)
    {
        var own = new OwnProcess(info, hear);
        await own._started.Task;
        return own;
    }

    private void Run(ProcessStartInfo info, Action<string>? hear)
    {
        try
        {
            using var process = Process.Start(info)!;
            process.OutputDataReceived += (_, line) => hear?.Invoke(line.Data ?? "");
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            _started.SetResult(process.Id);
            process.WaitForExit();
            _ended.SetResult();
        }
        catch (Exception exception)
        {
            _started.TrySetException(exception);
            _ended.TrySetResult();
        }
    }
}
