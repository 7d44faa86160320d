using Faults.Invariants;
using Faults.Kinds;
using Faults.Printing;
using Faults.Running;
using Faults.Webhooks;

namespace Faults;

/// <summary>
/// FAULTS=long: twenty endpoints, good, slow, failing and dead, that want every transaction's outcome, while one part after the other is killed, paused or cut
/// off. The short matrix has two of them.
/// </summary>
public class WebhooksTests
{
    private const int Shown = 20, Rounds = 2, InFlight = 20 * 32;

    private static readonly (Receives, int)[] Endpoints = [(Receives.Well, 12), (Receives.Slowly, 3), (Receives.Badly, 3), (Receives.Never, 2)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_killed_every_event_comes_to_every_endpoint_that_takes_it()
    {
        var settings = Settings.Read();
        Assert.SkipUnless(settings.IsLong, "FAULTS=long runs it: some ten minutes.");
        var journal = new Journal(settings.Clock);
        await using var system = await RunningSystem.StartAsync(settings with { IsLong = false, Rate = 50, Workers = 2 }, Stop, WebhookLoad.Quick);
        journal.Say($"FAULTS_SEED={settings.Seed}, webhooks to 20 endpoints, two workers, {system.Around.Describe()}");
        await using var webhooks = await WebhookLoad.StartAsync(system, Endpoints, Stop);
        await using var load = await UnderLoad.StartAsync(system, "hooks", Stop);
        var steps = Plan.Charges(new Random(settings.Seed), system, Rounds);
        if (settings.Only is { } only) steps = [.. steps.Where(step => step.ToString().Contains(only, StringComparison.Ordinal))];

        var windows = new List<Window>();
        var began = settings.Clock.GetTimestamp();
        foreach (var step in steps.Skip(settings.Skip).Take(settings.Count).TakeWhile(_ => settings.Clock.GetElapsedTime(began) < settings.Time))
            windows.Add(await load.Matrix.RunAsync(step, Stop));
        var evidence = await load.EndAsync(windows, Stop);

        var judge = new Judge(evidence);
        judge.Run();
        journal.Say(Table.Head);
        for (var i = 0; i < windows.Count; i++) journal.Say(Table.Of(windows[i], judge.Counts[i]));
        string[] differences = [.. judge.Violations, .. await webhooks.EndAsync(journal, windows.Count * InFlight, Stop)];
        journal.Say($"{evidence.Rows.Count} rows, {differences.Length} violations");
        foreach (var difference in differences.Take(Shown)) journal.Say($"  {difference}");
        Assert.Empty(differences.Take(Shown));
    }
}
