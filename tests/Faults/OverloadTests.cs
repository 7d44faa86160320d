using System.Globalization;
using Faults.Load;
using Faults.Printing;
using Faults.Running;
using Npgsql;
using Support;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // Each drives a whole system, and two take each other's processor time.

namespace Faults;

/// <summary>
/// Four times what it can take, and more. On the machine that also runs the sender, what it can take is made small: an Ingest.Api beside the system's own that
/// commits 20 rows, three times at once, over a network of 100 ms; and so, in proportion, is the queue before them.
/// </summary>
[Collection(SharedSystem.Name)]
public class OverloadTests(SharedSystem shared)
{
    private const string Link = "overload";
    private const int Rate = 1_600;
    private const double WarmMegabytes = 150;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4), BackWithin = TimeSpan.FromSeconds(5);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_times_what_it_can_take_is_refused_with_503_and_Retry_After_and_what_is_let_in_is_quick_and_stored()
    {
        Assert.SkipWhen(Toxiproxy.Find() is null, "Needs toxiproxy-server, in PATH or named by TOXIPROXY_SERVER, to make commits slow.");
        var settings = Settings.Read();
        var journal = new Journal(settings.Clock);
        var system = shared.System;
        var port = await system.Around.Network!.AddAsync(Link, new NpgsqlConnectionStringBuilder(system.Database.ConnectionString).Port);
        await system.Around.Network.AddToxicAsync(Link, "latency", new { latency = 50 });
        await using var small = await Twin.StartAsync(system, RunningSystem.Ingest, environment =>
        {
            (environment["Accept__QueueCapacity"], environment["Accept__MaxBatch"], environment["Accept__MinParallelBatch"]) = ("40", "20", "20");
            var database = new NpgsqlConnectionStringBuilder(environment["ConnectionStrings__webhooks"]) { Port = port };
            environment["ConnectionStrings__webhooks"] = database.ConnectionString;
        });
        await Eventually.TrueAsync(small.IsReadyAsync, Stop);
        await OverloadAsync(system, small, TimeSpan.FromSeconds(settings.IsLong ? 120 : 12), journal);
    }

    private static async Task OverloadAsync(RunningSystem system, Twin small, TimeSpan duration, Journal journal)
    {
        var clock = system.Settings.Clock;
        var prefix = $"overload_{system.Settings.Seed}";
        using var ingest = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = small.Address, Timeout = TimeSpan.FromSeconds(30) };
        var sender = new Sender(ingest, prefix, new Random(system.Settings.Seed), clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        end.CancelAfter(duration);
        int[] pids = [await small.PidAsync()];
        var before = Footprint.Of(RunningSystem.Ingest, pids);
        await sender.RunAsync(Rate, end.Token);
        var after = Footprint.Of(RunningSystem.Ingest, pids);

        // Back to normal: the next one is let in, at once or when it has come again.
        await Eventually.TrueAsync(async token =>
        {
            using var content = new StringContent(Sender.Body($"{prefix}_after", 1), null, "application/json");
            using var response = await ingest.PostAsync(new Uri(Sender.Path, UriKind.Relative), content, token);
            return (int)response.StatusCode == 202;
        }, Stop, duration > TimeSpan.FromMinutes(1) ? BackWithin : null);

        var attempts = sender.Attempts;
        // The first seconds of a process are its compiler's.
        var warm = attempts[0].SentAt + WarmUp;
        var accepted = attempts.Where(a => a.IsAccepted && a.SentAt > warm).Select(a => (a.AnsweredAt - a.SentAt).TotalMilliseconds).Order().ToList();
        var p99 = accepted.Count == 0 ? 0 : accepted[(int)(accepted.Count * 0.99)];
        var refused = attempts.Count(a => a.Status == 503);
        journal.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"overload: {attempts.Count} sent in {duration.TotalSeconds:0} s, "
            + $"{accepted.Count} x 202 (p50 {accepted.ElementAtOrDefault(accepted.Count / 2):0} ms, p99 {p99:0} ms), "
            + $"{refused} x 503, {sender.HeldBack} held back; {before}, then {after}"));

        Assert.DoesNotContain(attempts, a => a.Status is not (202 or 409 or 503));
        Assert.DoesNotContain(attempts, a => a is { Status: 503, SaysWhen: false });
        Assert.True(refused > 0, "Nothing was refused: this was no overload.");
        Assert.True(after.Megabytes < before.Megabytes + WarmMegabytes, $"{before}, then {after}");
        if (duration > TimeSpan.FromMinutes(1)) Assert.True(p99 < 500, $"p99 of the accepted: {p99:0} ms");
        var stored = await system.AskAsync<long>($"SELECT count(*) FROM transactions WHERE transaction_id LIKE '{prefix}%'", Stop);
        Assert.InRange(stored, attempts.Where(a => a.IsAccepted).Select(a => a.Id).Distinct().Count(), attempts.Select(a => a.Id).Distinct().Count() + 1);
    }
}
