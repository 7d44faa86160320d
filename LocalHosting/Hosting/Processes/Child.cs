using System.Diagnostics;

namespace LocalHosting.Processes;

/// <summary>A running child: its output line by line, its last lines, its end.</summary>
internal sealed class Child
{
    private const int LinesKept = 20;

    private readonly Process _process;
    private readonly Action<string> _onLine;
    private readonly Queue<string> _last = new();

    private Child(Process process, Action<string> onLine)
    {
        _process = process;
        _onLine = onLine;
        Id = process.Id;
        Exited = WaitAsync();
    }

    public int Id { get; }

    /// <summary>Completes with the exit code (128 + signal where a signal ended it), when its output has been read to the end.</summary>
    public Task<int> Exited { get; }

    /// <summary>Whether it was asked to go: its end is then no failure.</summary>
    public bool IsStopping { get; private set; }

    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_last)
                return [.. _last];
        }
    }

    public static async Task<Child> StartAsync(StartingThread thread, Command command, Action<string> onLine) =>
        new(await thread.StartAsync(command.ToStartInfo()), onLine);

    /// <summary>Runs a short command to its end; throws with its output where it fails.</summary>
    public static async Task RunAsync(StartingThread thread, Command command, string purpose, CancellationToken ct)
    {
        var child = await StartAsync(thread, command, _ => { });
        await using var _ = ct.Register(() => child.Signal(Posix.SigKill));
        var code = await child.Exited;
        ct.ThrowIfCancellationRequested();
        if (code != 0)
            throw new Aspire.Hosting.DistributedApplicationException($"{purpose} failed: {command.File} ended with exit code {code}.{Environment.NewLine}{string.Join(Environment.NewLine, child.LastLines)}");
    }

    /// <summary>Asks it to go with a signal; kills it, and what it left of its session, where it has not gone in time.</summary>
    public async Task StopAsync(int signal, TimeSpan patience)
    {
        IsStopping = true;
        Signal(signal);
        try
        {
            await Exited.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            Signal(Posix.SigKill);
            await Exited;
        }
    }

    /// <summary>Sends a signal to it and its group (a script passes none on to what it runs); PostgreSQL hands SIGINT on itself, to the same end.</summary>
    public void Signal(int signal)
    {
        if (!Exited.IsCompleted && Posix.Kill(-Id, signal) != 0)
            _ = Posix.Kill(Id, signal); // Just forked: its session does not exist yet.
    }

    private async Task<int> WaitAsync()
    {
        var output = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        await _process.WaitForExitAsync();
        // A grandchild may hold the pipe open for longer than the child lived.
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(1)));
        var code = _process.ExitCode;
        _process.Dispose();
        return code;
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (_last)
                {
                    if (_last.Count == LinesKept)
                        _last.Dequeue();
                    _last.Enqueue(line);
                }
                _onLine(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The child is gone.
        }
    }
}
