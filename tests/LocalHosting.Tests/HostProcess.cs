using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using LocalHosting.Processes;
using Support;

namespace LocalHosting.Tests;

/// <summary>The sample host as a process of its own, as a person would start it: its lines, its end, what it left behind.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const string Marker = "LOCALHOSTING_TEST_RUN";

    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _output = [];
    private readonly Task _reading;

    /// <param name="table">Which of SampleHost's tables.</param>
    /// <param name="args">Its command line.</param>
    public HostProcess(string table, params string[] args) : this((string[])[.. Program(table), .. args])
    {
    }

    private HostProcess(string[] line)
    {
        var info = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        info.Environment[Marker] = _mark;
        _process = Process.Start(info)!;
        _reading = ReadAsync();
    }

    /// <param name="shell">A bash script that gets the host's command line as "$@".</param>
    /// <param name="table">Which of SampleHost's tables.</param>
    public static HostProcess Below(string shell, string table) => new((string[])["bash", "-c", shell, "run", .. Program(table)]);

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    /// <summary>The host and every process it has started that is still there; a zombie is not.</summary>
    public IReadOnlyList<int> Alive =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!)).Where(IsOurs)];

    public async Task<string> LineAsync(string pattern)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(deadline.Token))
            {
                if (Regex.IsMatch(line, pattern))
                    return line;
            }
        }
        catch (OperationCanceledException)
        {
            // Said below, with what there was instead.
        }
        throw new InvalidOperationException($"The host never wrote a line like '{pattern}'. It wrote:\n{Output}");
    }

    /// <summary>Waits for one line of each pattern, in any order: what it says and what it complains of come by two pipes.</summary>
    public async Task LinesAsync(params IEnumerable<string> patterns)
    {
        var left = patterns.ToList();
        while (left.Count > 0)
        {
            var line = await LineAsync(string.Join('|', left));
            left.RemoveAll(pattern => Regex.IsMatch(line, pattern));
        }
    }

    public Task ReadyAsync() => LineAsync("^Ready in ");

    public void Signal(int signal) => _ = Posix.Kill(_process.Id, signal);

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await _reading;
        return _process.ExitCode;
    }

    /// <summary>Waits until nothing of it is left; a kernel's parent-death signal gives no other sign.</summary>
    public Task NothingLeftAsync() => Eventually.GetAsync(
        _ => Task.FromResult(string.Join(", ", Alive.Select(Describe))), left => left.Length == 0, TestContext.Current.CancellationToken, Patience);

    public async ValueTask DisposeAsync()
    {
        foreach (var pid in Alive)
            _ = Posix.Kill(pid, Posix.SigKill);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static string[] Program(string table) => [Dotnet.Path, Path.Combine(AppContext.BaseDirectory, "SampleHost.dll"), $"--table={table}"];

    private bool IsOurs(int pid)
    {
        try
        {
            // Redis writes its title over its environment, but stands in the run's folder.
            return Posix.IsAlive(pid) && (File.ReadAllText($"/proc/{pid}/environ").Contains(_mark, StringComparison.Ordinal)
                || Proc.Folder(pid) is { } folder && folder.StartsWith(Path.Combine(Path.GetTempPath(), $"aspire-webhooks-{Id}-"), StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Describe(int pid) => $"{pid} {(File.Exists($"/proc/{pid}/cmdline") ? File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ') : "")}";

    private async Task ReadAsync()
    {
        await Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        _lines.Writer.Complete();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output)
                _output.Add(line);
            _lines.Writer.TryWrite(line);
        }
    }
}
