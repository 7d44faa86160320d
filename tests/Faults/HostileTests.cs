using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using Faults.Hostile;
using Faults.Load;
using Faults.Printing;
using Faults.Running;
using Systems;

namespace Faults;

/// <summary>Input that nobody means well by, and clients that hold on to what they have.</summary>
[Collection(SharedSystem.Name)]
public partial class HostileTests(SharedSystem shared)
{
    private const int AtATime = 16, Grown = 200, SlowClients = 200, Burst = 2_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Settings _settings = Settings.Read();
    private readonly Journal _journal = new(TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Uri Door => shared.System.App.GetEndpoint(RunningSystem.Portal, "http");

    [Fact]
    public async Task No_body_gives_a_5xx_a_hang_or_a_look_inside()
    {
        var bodies = Corpus.Bodies(new Random(_settings.Seed), Grown).Select(body => RawRequest.Post(Sender.Path, body)).ToList();
        await JudgeAsync(bodies, "bodies");
    }

    [Fact]
    public async Task No_path_gives_a_5xx_a_hang_or_a_look_inside()
    {
        var paths = Corpus.Paths(new Random(_settings.Seed), Grown).Select(RawRequest.Get).ToList();
        await JudgeAsync(paths, "paths");
    }

    [Fact]
    public async Task No_header_gives_a_5xx_a_hang_or_a_look_inside()
    {
        var body = Encoding.UTF8.GetBytes(Sender.Body($"headers_{_settings.Seed}", 1));
        await JudgeAsync([.. Corpus.HeaderLines().Select(line => RawRequest.Post(Sender.Path, body, $"{line.Name}: {line.Value}\r\n"))], "headers of webhooks");
        await JudgeAsync(
            [.. Corpus.HeaderLines().Select(line => RawRequest.Get("/v1/transactions?limit=1", $"{line.Name}: {line.Value}\r\n"))], "headers of reads");
    }

    [Fact]
    public async Task No_second_request_is_smuggled_through_the_front_door()
    {
        var violations = new List<string>();
        foreach (var request in Smuggling.Requests())
        {
            var answer = await RawRequest.SendAsync(Door, request, Limit, Stop);
            // A second answer is right only where the first request ended, by every reading of it, before the second began.
            if (answer.Status is >= 500 or (> 0 and < 400) || answer.Answers > 1)
                violations.Add($"{answer.Status}, {answer.Answers} answers for {Encoding.Latin1.GetString(request)}");
        }

        foreach (var violation in violations) _journal.Say($"smuggling: {violation}");
        Assert.Empty(violations);
    }

    [Fact]
    public async Task Clients_that_send_a_byte_a_second_and_thousands_of_idle_connections_stop_no_others()
    {
        var clock = _settings.Clock;
        var idle = _settings.IsLong ? 10_000 : 2_000;
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < idle + SlowClients; i++) sockets.Add(await ConnectAsync(Door.Port, Stop));
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            end.CancelAfter(TimeSpan.FromSeconds(_settings.IsLong ? 30 : 8));
            var sender = new Sender(shared.System.Door, $"beside_{_settings.Seed}", new Random(_settings.Seed), clock);
            var dribble = DribbleAsync(sockets[..SlowClients], clock, end.Token);
            await sender.RunAsync(_settings.Rate, end.Token);
            await dribble;

            Assert.DoesNotContain(sender.Attempts, attempt => attempt.Status is not (202 or 409));
            Assert.NotEmpty(sender.Attempts);
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    [Theory, InlineData(RunningSystem.Portal), InlineData(RunningSystem.Ingest)]
    public async Task A_thousand_and_more_who_come_at_once_are_connected_though_nobody_accepts_them_yet(string service)
    {
        var port = shared.System.App.GetEndpoint(service, "http").Port;
        var pid = Assert.Single(shared.System.Pids(service));
        var sockets = new List<Socket>();
        Signals.Send(pid, Signals.Stop);
        try
        {
            // Who finds no room is not refused: the kernel drops it without a word, and it tries again after a second, after three, after seven.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            limit.CancelAfter(Limit);
            for (var i = 0; i < Burst; i++) sockets.Add(await ConnectAsync(port, limit.Token));
        }
        finally
        {
            Signals.Send(pid, Signals.Cont);
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    private async Task JudgeAsync(IReadOnlyList<byte[]> requests, string what)
    {
        Assert.True(requests.Count >= 300, $"Only {requests.Count} {what}.");
        var violations = new List<string>();
        var byStatus = new SortedDictionary<int, int>();
        var gate = new Lock();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = Stop }, async (request, token) =>
        {
            var answer = await RawRequest.SendAsync(Door, request, Limit, token);
            lock (gate)
            {
                byStatus[answer.Status] = byStatus.GetValueOrDefault(answer.Status) + 1;
                if ((answer.Status >= 500 && !MayBeUnready(request, answer)) || (answer.Status >= 400 && Insides().IsMatch(answer.Text)))
                {
                    var sent = Encoding.Latin1.GetString(request, 0, Math.Min(600, request.Length));
                    violations.Add($"{sent} => {answer.Text[..Math.Min(600, answer.Text.Length)]}");
                }
            }
        });
        var answered = string.Join(", ", byStatus.Select(s => $"{s.Key} x {s.Value}"));
        _journal.Say($"hostile {what}: {requests.Count}, answered {answered}, {violations.Count} violations");
        foreach (var violation in violations.Take(5)) _journal.Say(violation);
        Assert.Empty(violations.Take(5));
    }

    // A probe is told the truth, and what answers late, on a machine that does all of this at once, is not ready.
    private static bool MayBeUnready(byte[] request, RawAnswer answer) => answer.Status == 503 && request.AsSpan().StartsWith("GET /health"u8);

    private static async Task<Socket> ConnectAsync(int port, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), stop);
        return socket;
    }

    private static async Task DribbleAsync(IReadOnlyList<Socket> sockets, TimeProvider clock, CancellationToken stop)
    {
        var request = RawRequest.Post(Sender.Path, Encoding.ASCII.GetBytes(Sender.Body("slow", 1)));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        try
        {
            for (var at = 0; await timer.WaitForNextTickAsync(stop); at++)
            {
                foreach (var socket in sockets) await socket.SendAsync(request.AsMemory(at, 1), stop);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // Time is up, or the door has had enough of it.
        }
    }

    [GeneratedRegex(@"Exception|\bat \w+\.\w+|Npgsql|Confluent|Host=|Password|/work/|\.cs:line|StackTrace|127\.0\.0\.1:\d")]
    private static partial Regex Insides();
}
