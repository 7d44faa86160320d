using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Channels;

namespace Contracts.Tests.Receivers;

/// <summary>One of docs/receivers as a process of its own, on a free port.</summary>
internal sealed class RunningReceiver : IAsyncDisposable
{
    private const string Listening = "listening on ";

    /// <summary>Long enough for a machine with other work to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];

    private RunningReceiver(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text) _lines.Writer.TryWrite(text);
            else _lines.Writer.TryComplete();
        };
        process.BeginOutputReadLine();
    }

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <exception cref="Win32Exception">The program is not there.</exception>
    public static async Task<RunningReceiver> StartAsync(string language, string secrets)
    {
        var receiver = new RunningReceiver(Start(language, secrets));
        var lines = await receiver.LinesUntilAsync(Listening);
        receiver.Url = new(lines[^1][Listening.Length..]);
        return receiver;
    }

    /// <summary>Starts one that does not come to listen; returns its exit code and what it says.</summary>
    public static async Task<(int Code, string Errors)> RefusalAsync(string language, string secrets)
    {
        await using var receiver = new RunningReceiver(Start(language, secrets));
        using var time = Deadline();
        while (await receiver._lines.Reader.WaitToReadAsync(time.Token))
            Assert.Fail($"It was to refuse its secrets, and goes on: {await receiver._lines.Reader.ReadAsync(time.Token)}");
        await receiver._process.WaitForExitAsync(time.Token);
        return (receiver._process.ExitCode, await receiver._errors);
    }

    /// <summary>All that it has written, up to the first line that begins so.</summary>
    public async Task<IReadOnlyList<string>> LinesUntilAsync(string beginning)
    {
        using var time = Deadline();
        try
        {
            while (!_seen.Any(line => line.StartsWith(beginning, StringComparison.Ordinal)))
            {
                if (await _lines.Reader.WaitToReadAsync(time.Token)) _seen.Add(await _lines.Reader.ReadAsync(time.Token));
                else Assert.Fail($"The receiver ended before it wrote \"{beginning}...\". It wrote: {string.Join('\n', _seen)}\n{await _errors}");
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"Not within {Patience.TotalSeconds} s: \"{beginning}...\". The receiver wrote: {string.Join('\n', _seen)}");
        }

        return _seen;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static CancellationTokenSource Deadline()
    {
        var time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(Patience);
        return time;
    }

    private static Process Start(string language, string secrets)
    {
        var folder = Path.Combine(Page.Root(), "docs", "receivers");
        var (program, file) = language switch
        {
            "python" => ("python3", Path.Combine(folder, "python", "receiver.py")),
            "node" => ("node", Path.Combine(folder, "node", "receiver.mjs")),
            _ => ("dotnet", Path.Combine(AppContext.BaseDirectory, "Receiver.dll")),
        };
        return Process.Start(new ProcessStartInfo(program, [file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["WEBHOOK_SECRETS"] = secrets, ["PORT"] = "0" },
        })!;
    }
}
