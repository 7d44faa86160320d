using Faults.Charges;
using Faults.Invariants;
using Faults.Kinds;
using Faults.Load;
using Faults.Printing;
using Faults.Running;
using Faults.Webhooks;

namespace Faults;

/// <summary>
/// Drives the real processes from outside, with a steady load, and does to them what happens to processes, servers and networks.
/// FAULTS=short for the whole short matrix, FAULTS=long for the long one; FAULTS_SEED to repeat a run; docs/reliability.md.
/// </summary>
[Trait("Kafka", "yes")]
public class MatrixTests
{
    private const int Shown = 20;
    private const int HandlesLeft = 150 + 2 * Sender.MaxOpen;

    /// <summary>Some four requests a second beside the webhooks: the promise is held to by every fault, not by their number.</summary>
    private const int ChargesAtATime = 3;

    /// <summary>To one endpoint by one worker, sent or being recorded: four times Webhooks__MaxPerEndpoint.</summary>
    private const int WebhooksInFlight = 4 * 32;

    private static readonly TimeSpan BetweenCharges = TimeSpan.FromMilliseconds(400), Day = TimeSpan.FromSeconds(5);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_stop_pause_or_cut_off_anything_and_no_webhook_is_lost_doubled_early_or_forgotten()
    {
        var settings = Settings.Read();
        var journal = new Journal(settings.Clock);
        var which = settings.IsLong ? "long" : settings.IsShort ? "short" : "drawn";
        journal.Say($"FAULTS_SEED={settings.Seed} FAULTS_WORKERS={settings.Workers} {which}, {settings.Rate} webhooks a second");
        var random = new Random(settings.Seed);
        await using var system = await RunningSystem.StartAsync(settings, Stop, [.. StripeAccount.Quick, .. WebhookLoad.Quick]);
        journal.Say(system.Around.Describe() + (settings.IsLong && system.Disk is null ? ", not root and so no full disk" : ""));
        var steps = settings.IsLong ? Plan.Long(random, system) : Plan.Short(random, system.Around, settings.IsShort);
        if (settings.Only is { } only) steps = [.. steps.Where(step => step.ToString().Contains(only, StringComparison.Ordinal))];

        var (evidence, others, before, after) = await RunAsync(system, steps, journal, random);

        var judge = new Judge(evidence);
        judge.Run();
        var violations = judge.Violations.Concat(others).Concat(Growth(before, after)).ToList();
        Print(journal, evidence, judge, violations);
        Assert.Empty(violations.Take(Shown));
    }

    private static async Task<(Evidence, IReadOnlyList<string>, IReadOnlyList<Footprint>, IReadOnlyList<Footprint>)> RunAsync(
        RunningSystem system, IReadOnlyList<Step> steps, Journal journal, Random random)
    {
        var clock = system.Settings.Clock;
        var sender = new Sender(system.Door, $"faults_{system.Settings.Seed}", random, clock);
        var reader = new Reader(system.Door, sender, new Random(system.Settings.Seed), clock);
        using var offsets = new OffsetWatch(system);
        using var health = new HealthWatch(system, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var endOfLoad = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task[] load = [sender.RunAsync(system.Settings.Rate, endOfLoad.Token), reader.RunAsync(endOfLoad.Token)];
        var watch = health.RunAsync(end.Token);

        await health.UntilWellAsync(() => sender.LastAccepted > default(DateTimeOffset), Stop);
        await using var charging = await ChargingLoad.StartAsync(system, ChargesAtATime, BetweenCharges, Day, Stop);
        await using var webhooks = await WebhookLoad.StartAsync(system, [(Receives.Well, 1), (Receives.Badly, 1)], Stop);
        var before = Footprint.Of(system);
        var matrix = new Matrix(system, sender, health, offsets, clock);
        var windows = new List<Window>();
        var began = clock.GetTimestamp();
        foreach (var step in steps.TakeWhile(_ => clock.GetElapsedTime(began) < system.Settings.Time))
        {
            journal.Say($"{clock.GetUtcNow():HH:mm:ss} {step}, Stripe {await charging.NextRoundAsync(Stop)}");
            await charging.LookAsync(Stop);
            windows.Add(await matrix.RunAsync(step, Stop));
            foreach (var problem in windows[^1].Problems) journal.Say($"         {problem}");
        }

        await endOfLoad.CancelAsync();
        await Task.WhenAll(load);
        var ofCharges = await charging.EndAsync(journal, Stop);
        await SettleAsync(matrix, windows);
        var ofWebhooks = await webhooks.EndAsync(journal, steps.Count * WebhooksInFlight, Stop);
        var after = Footprint.Of(system);
        await end.CancelAsync();
        await watch;
        journal.Say($"before: {string.Join("; ", before)}{Environment.NewLine}after:  {string.Join("; ", after)}");
        var rows = await StoredRow.ReadAllAsync(system, Stop);
        var evidence = new Evidence(windows, sender.Attempts, reader.Reads, health.Probes, rows, system.Around.Receiver);
        return (evidence, [.. ofCharges, .. ofWebhooks], before, after);
    }

    private static async Task SettleAsync(Matrix matrix, List<Window> windows)
    {
        try
        {
            await matrix.SettleAsync(Stop);
        }
        catch (TimeoutException exception)
        {
            windows[^1] = windows[^1] with { Problems = [.. windows[^1].Problems, $"not settled: {exception.Message}"] };
        }
    }

    // Generous: a process that was killed begins anew, one that was not has warmed up meanwhile, and the connections of the requests that hung,
    // two a request at the front door, stay open for a minute or two. A leak over hundreds of faults is more than this.
    private static IEnumerable<string> Growth(IReadOnlyList<Footprint> before, IReadOnlyList<Footprint> after) =>
        from pair in before.Zip(after)
        where pair.Second.Megabytes > 2 * pair.First.Megabytes + 150 || pair.Second.Handles > pair.First.Handles + HandlesLeft
        select $"{pair.First} before, {pair.Second} after.";

    private static void Print(Journal journal, Evidence evidence, Judge judge, IReadOnlyList<string> violations)
    {
        journal.Say(Table.Head);
        for (var i = 0; i < evidence.Windows.Count; i++) journal.Say(Table.Of(evidence.Windows[i], judge.Counts[i]));
        journal.Say(Table.Sum(evidence.Windows, judge.Counts));
        journal.Say($"{evidence.Rows.Count} rows, {violations.Count} violations");
        foreach (var violation in violations.Take(Shown)) journal.Say($"  {violation}");
    }
}
