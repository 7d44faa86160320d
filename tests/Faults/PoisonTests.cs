using System.Globalization;
using Faults.Invariants;
using Faults.Kinds;
using Faults.Load;
using Faults.Poison;
using Faults.Printing;
using Faults.Running;
using Support;

namespace Faults;

/// <summary>
/// Records that no worker can process, thousands in a row, straight into every topic that a worker reads, while good webhooks and payments come steadily.
/// (Nothing of ours reads a <c>.dlq</c>.)
/// </summary>
[Trait("Kafka", "yes")]
[Collection(SharedSystem.Name)]
public class PoisonTests(SharedSystem shared)
{
    private const int Users = 6, Payments = 150, PaymentsAtATime = 4;

    /// <summary>After its time. What the broker drops, or a partition that stands still, comes by the relay, 30 s late.</summary>
    private static readonly TimeSpan OnTime = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan PutAsideWithin = TimeSpan.FromMinutes(2), SettledWithin = TimeSpan.FromMinutes(4);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_ones_between_thousands_of_poison_records_are_on_time_and_each_poison_record_is_put_aside_once_and_can_be_sent_again_repaired()
    {
        var settings = Settings.Read();
        settings.SkipUnlessShort();
        var journal = new Journal(settings.Clock);
        var count = settings.IsLong ? 10_000 : 1_000;
        var system = shared.System;
        // Of a worker that was replaced before this.
        await Eventually.TrueAsync(
            token => system.AskAsync<bool>(
                $"SELECT count(*) = {settings.Workers} FROM worker_instances WHERE seen_at > now() - interval '10 s'", token),
            Stop);
        var last = await system.AskAsync<long>("SELECT coalesce(max(id), 0) FROM dead_letters", Stop);
        await using var load = await UnderLoad.StartAsync(system, "good", Stop);
        var flood = Flood.OfTransactions(system, new Random(settings.Seed));
        var victims = new Victims(system, flood);

        var begun = settings.Clock.GetUtcNow();
        await victims.ProduceAsync(Stop);
        var paying = PayAsync(system, journal);
        var ofPayments = Flood.OfPayments(system, new Random(settings.Seed)).ProduceAsync(count / 4, Stop);
        PoisonRecord[] poison = [.. await flood.ProduceAsync(count, Stop), .. await ofPayments];
        var produced = settings.Clock.GetUtcNow();
        var letters = await PutAsideAsync(system, last, poison.Length);
        var aside = settings.Clock.GetUtcNow();
        var refused = await victims.RedriveAsync(letters, Stop);
        var calls = await victims.UntilProcessedAsync(Stop);
        var redriven = settings.Clock.GetUtcNow();
        var differences = await paying;
        var evidence = await load.EndAsync([new Window(new Step([], default, default), begun, begun, redriven, redriven, redriven)], Stop);

        var judge = Judged(evidence, victims);
        journal.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"poison: {poison.Length} in {(produced - begun).TotalSeconds:0.0} s, all put aside {(aside - produced).TotalSeconds:0.0} s later, "
            + $"{victims.Records.Count} sent again; {judge.Counts[0].Accepted} good ones, "
            + $"the latest {judge.Counts[0].Latest.TotalSeconds:0.0} s after its time; "
            + $"{Unwell(evidence)} probes without 200; {judge.Violations.Count} violations"));
        Assert.Empty(StoredDeadLetter.Violations(poison, letters).Take(5));
        Assert.Empty(judge.Violations.Take(5));
        Assert.Empty(differences.Take(5));
        Assert.True(judge.Counts[0].Latest < OnTime, $"The latest good one was {judge.Counts[0].Latest} after its time.");
        Assert.Single(load.Group.Since(begun));
        Assert.Empty(refused);
        Assert.All(calls, times => Assert.Equal(1, times));
        Assert.Equal(poison.Length - victims.Records.Count, await CountAsync(system, last, Stop));
    }

    /// <summary>Good payments, until each has its outcome; what is wrong with them then.</summary>
    private static async Task<IReadOnlyList<string>> PayAsync(RunningSystem system, Journal journal)
    {
        var books = await Books.OpenAsync(system, Stop);
        var payer = new Payer(system.Door, await PayingUsers.AddAsync(system, "beside-poison", Users, Stop), system.Settings.Seed, system.Settings.Clock);
        await payer.RunAsync(Payments, PaymentsAtATime, Stop);
        await books.UntilSettledAsync(SettledWithin, Stop);
        var differences = await books.DifferencesAsync(payer, journal, Stop);
        journal.Say($"beside the poison: {await books.DescribeAsync(Stop)}; {differences.Count} differences");
        return differences;
    }

    private static async Task<IReadOnlyList<StoredDeadLetter>> PutAsideAsync(RunningSystem system, long last, int count)
    {
        await Eventually.GetAsync(token => CountAsync(system, last, token), found => found >= count, Stop, PutAsideWithin);
        return await StoredDeadLetter.ReadAllAsync(system, last, Stop);
    }

    // The victims' rows were sent by nobody, and are looked at by themselves.
    private static Judge Judged(Evidence evidence, Victims victims)
    {
        var rows = evidence.Rows.Where(row => !row.Key.StartsWith(victims.Prefix, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        var judge = new Judge(evidence with { Rows = rows });
        judge.Run();
        return judge;
    }

    private static int Unwell(Evidence evidence) =>
        evidence.Probes.Count(probe => probe.AskedAt >= evidence.Windows[0].Begun && probe.At <= evidence.Windows[0].Ended && probe.Status != 200);

    private static Task<long> CountAsync(RunningSystem system, long last, CancellationToken stop) =>
        system.AskAsync<long>($"SELECT count(*) FROM dead_letters WHERE id > {last}", stop);
}
