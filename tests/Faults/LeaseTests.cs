using System.Globalization;
using System.Net.Http.Json;
using Faults.Invariants;
using Faults.Load;
using Faults.Printing;
using Faults.Running;
using Support;
using Systems;

namespace Faults;

/// <summary>
/// Two workers share the payments, and one after the other is paused for longer than its claims last, in the middle of whatever it does: it has claimed, calls
/// the bank, asks it, records a wait, settles. The other takes over; when the paused one goes on, what it still would do is no longer its to do.
/// </summary>
[Trait("Kafka", "yes")]
[Collection(SharedSystem.Name)]
public class LeaseTests(SharedSystem shared)
{
    private const int Users = 12, Payments = 40, AtATime = 8, EnoughInHand = 6;

    /// <summary>The bank has one a pause. A run of the suite draws some of them by its seed; FAULTS=long has all.</summary>
    private static readonly string[] Behaviours = ["normal", "late_callback", "slow", "contradicting_callback", "duplicate_callback"];

    private const int PausesInShort = 3;

    private static readonly TimeSpan ToSettle = TimeSpan.FromMinutes(4);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_worker_would_write_after_its_lease_is_dropped_and_every_payment_has_one_outcome()
    {
        Settings.Read().SkipUnlessShort();
        var system = shared.System;
        var journal = new Journal(system.Settings.Clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var dropped = DroppedSteps.Of(system, end.Token);
        await using var twin = await Twin.StartAsync(system, RunningSystem.Worker, hear: dropped.Hear);
        await UntilWorkersAsync(system, system.Settings.Workers + 1);
        var books = await Books.OpenAsync(system, Stop);
        using var claims = new Claims(system, books.Last);
        var payer = new Payer(system.Door, await PayingUsers.AddAsync(system, "leased", Users, Stop), system.Settings.Seed, system.Settings.Clock);

        var takenOver = await PauseInTurnAsync(system, [system.Pids(RunningSystem.Worker)[0], await twin.PidAsync()], payer, claims, journal);
        await books.UntilSettledAsync(ToSettle, Stop);

        var differences = await books.DifferencesAsync(payer, journal, Stop);
        // Not of each: a first claim may learn the outcome itself, and find the payment settled with that outcome; then there is nothing to drop.
        var old = await claims.SucceededAsync(takenOver, Stop);
        var refused = await Eventually.GetAsync(_ => Task.FromResult(old.Intersect(OfFirstClaims(dropped)).ToArray()), some => some.Length > 0, Stop);
        journal.Say(
            $"leases: {takenOver.Count} payments were taken over while their worker was paused; dropped afterwards: {dropped}, "
            + $"of {refused.Length} of the {old.Length} that succeeded; "
            + $"{payer.Paid.Count} x 202, {payer.Refused} refused; {await books.DescribeAsync(Stop)}; {differences.Count} differences");
        await twin.TerminateAsync(Settings.Bound);
        await UntilWorkersAsync(system, system.Settings.Workers);
        await end.CancelAsync();

        Assert.Empty(differences.Take(5));
        Assert.NotEmpty(refused);
    }

    private static IEnumerable<long> OfFirstClaims(DroppedSteps dropped) =>
        dropped.Payments.Where(step => step.Claim == 1).Select(step => long.Parse(step.Id, CultureInfo.InvariantCulture));

    /// <summary>The payments that one worker had in hand when it was paused, and that the other has claimed since.</summary>
    private static async Task<IReadOnlyList<long>> PauseInTurnAsync(RunningSystem system, int[] workers, Payer payer, Claims claims, Journal journal)
    {
        using var bank = system.CreateClient(RunningSystem.Sandbox, TimeSpan.FromSeconds(30));
        var takenOver = new List<long>();
        foreach (var (n, behaviour) in Drawn(system.Settings.Seed).Index())
        {
            await claims.UntilNoneIsNewAsync(Stop); // What the last one that was paused found waiting is not what this one is to be paused with.
            await TellAsync(bank, behaviour, successRate: 0.5);
            var paying = payer.RunAsync((n + 1) * Payments, AtATime, Stop);
            await claims.UntilInHandAsync(EnoughInHand, paying, Stop);
            takenOver.AddRange(await PauseAsync(workers[n % workers.Length], claims, $"pause {n + 1}, bank {behaviour}", journal));
            await paying;
        }

        await TellAsync(bank, Behaviours[0], successRate: 0.9);
        return takenOver;
    }

    // The first is always of those in which a call to the bank is under way when the pause begins: a step of an old claim is sure to be dropped then.
    private static string[] Drawn(int seed)
    {
        string[] others = [.. Behaviours.Except(["late_callback"])];
        new Random(seed).Shuffle(others);
        var all = Environment.GetEnvironmentVariable("FAULTS") == "long";
        return ["late_callback", .. others.Take(all ? others.Length : PausesInShort - 1)];
    }

    private static async Task<long[]> PauseAsync(int worker, Claims claims, string what, Journal journal)
    {
        Signals.Send(worker, Signals.Stop);
        try
        {
            var states = await claims.DescribeAsync(Stop);
            var left = await claims.LeftAsync(await claims.InHandAsync(Stop), Stop);
            var takenOver = await claims.TakeOverAsync(left, Stop);
            journal.Say($"{what}: {states}; the paused worker has left {left.Length}, and {takenOver.Length} were taken over");
            return takenOver;
        }
        finally
        {
            Signals.Send(worker, Signals.Cont);
        }
    }

    private static async Task TellAsync(HttpClient bank, string behaviour, double successRate)
    {
        using var answer = await bank.PutAsJsonAsync(new Uri("/behaviour", UriKind.Relative), new { behaviour, success_rate = successRate }, Stop);
        answer.EnsureSuccessStatusCode();
    }

    private static Task UntilWorkersAsync(RunningSystem system, int count) => Eventually.TrueAsync(
        token => system.AskAsync<bool>(
            $"""
            SELECT count(*) = {count} AND sum(partitions) = 12 AND min(partitions) > 0
            FROM worker_instances WHERE seen_at > now() - interval '10 s'
            """, token),
        Stop, Settings.Bound);
}
