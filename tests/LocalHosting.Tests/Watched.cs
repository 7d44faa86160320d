using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Support;

namespace LocalHosting.Tests;

/// <summary>A program as a process of its own, as a person would start it: its lines (of both outputs, in their order), its end, what it left behind.</summary>
internal sealed class Watched : IAsyncDisposable
{
    private const string Marker = "LOCALHOSTING_TEST_RUN";
    private const int KernelThreads = 2; // The parent of all of them.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _output = [];
    private readonly HashSet<(int Pid, long Started)> _looked = [], _seen = [];

    private Watched(ProcessStartInfo start)
    {
        start.Environment[Marker] = _mark;
        _process = Process.Start(start)!;
        _ = ReadAsync();
    }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output) return string.Join('\n', _output);
        }
    }

    /// <summary>The process, what it has started, and what of that was seen before and is still there; a zombie is not.</summary>
    public IReadOnlyList<int> Alive
    {
        get
        {
            var all = Proc.All();
            foreach (var one in all.Where(one => one.Parent != KernelThreads && !_looked.Contains((one.Pid, one.Started))))
            {
                var environment = ReadOrNothing($"/proc/{one.Pid}/environ");
                if (environment.Length > 0) _looked.Add((one.Pid, one.Started)); // While a program takes another's place it has none.
                if (environment.Contains(_mark, StringComparison.Ordinal)) _seen.Add((one.Pid, one.Started));
            }

            // Redis writes its title over its environment, so it is known by its parent.
            var children = all.ToLookup(one => one.Parent);
            var parents = new Queue<int>(all.Where(one => _seen.Contains((one.Pid, one.Started))).Select(one => one.Pid));
            while (parents.TryDequeue(out var parent))
            {
                foreach (var child in children[parent].Where(child => _seen.Add((child.Pid, child.Started)))) parents.Enqueue(child.Pid);
            }

            return [.. all.Where(one => !one.IsZombie && _seen.Contains((one.Pid, one.Started))).Select(one => one.Pid)];
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its file.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What its environment has beside ours. KAFKA_HOME is not passed on: whoever wants it says so.</param>
    /// <param name="folder">Where it works.</param>
    public static Watched Start(string program, IEnumerable<string> arguments, Dictionary<string, string>? environment = null, string? folder = null)
    {
        // A shell that runs the tests in the background has them, and all that they start, ignore Ctrl-C.
        var start = new ProcessStartInfo("/bin/bash", ["-c", "exec /usr/bin/env --default-signal=INT,QUIT \"$@\" 2>&1", "bash", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder ?? "",
        };
        start.Environment.Remove("KAFKA_HOME");
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        return new(start);
    }

    /// <summary>The one process of it that runs this program.</summary>
    public int PidOf(string program) => Alive.Single(pid => CommandLine(pid) is [var command, ..] && Path.GetFileName(command.Split(' ')[0]) == program);

    /// <summary>What a process was started with; nothing when it is gone.</summary>
    public static string[] CommandLine(int pid) => ReadOrNothing($"/proc/{pid}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Waits for a line, of those not yet read.</summary>
    public async Task<string> LineAsync(string pattern)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
            {
                if (Regex.IsMatch(line, pattern)) return line;
            }
        }
        catch (OperationCanceledException)
        {
            // Said below, with what there was instead.
        }

        var running = string.Join('\n', Alive.Select(pid => string.Join(' ', CommandLine(pid))));
        throw new InvalidOperationException($"There was no line like '{pattern}'. There was:\n{Output}\nIt runs:\n{running}");
    }

    /// <summary>Waits for one line of each pattern, in any order.</summary>
    public async Task LinesAsync(params IEnumerable<string> patterns)
    {
        var left = patterns.ToList();
        while (left.Count > 0)
        {
            var line = await LineAsync(string.Join('|', left));
            left.RemoveAll(pattern => Regex.IsMatch(line, pattern));
        }
    }

    public void Signal(int signal) => Posix.Signal(Id, signal);

    /// <summary>Closes its standard input, as the end of who started it would.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits for its end and gives its exit code.</summary>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"It has not ended. It said:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Waits until nothing of it is left; the kernel gives no other sign of that.</summary>
    public Task NothingLeftAsync() => Eventually.GetAsync(
        _ => Task.FromResult(string.Join(", ", Alive.Select(pid => $"{pid} {ReadOrNothing($"/proc/{pid}/cmdline").Replace('\0', ' ')}"))),
        left => left.Length == 0, TestContext.Current.CancellationToken, Patience);

    public async ValueTask DisposeAsync()
    {
        foreach (var pid in Alive) Posix.Signal(pid, Posix.Kill);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    /// <summary>A file of /proc, whose process may be gone: then it is empty.</summary>
    public static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_output) _output.Add(line);
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }
}
