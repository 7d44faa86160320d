using Faults.Charges;
using Faults.Invariants;
using Faults.Kinds;
using Faults.Printing;
using Faults.Running;

namespace Faults;

/// <summary>
/// FAULTS=long: charges, refunds and installments that fall due, while one part after the other is killed, paused or cut off and Stripe fails in all its ways;
/// then the books are held against each other: ours, Stripe's and the callers'. The short matrix has the same load, a tenth of it.
/// </summary>
public class ChargesTests
{
    private const int AtATime = 10, Shown = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100), Day = TimeSpan.FromSeconds(2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_killed_every_charge_has_one_outcome_and_Stripes_books_are_ours()
    {
        var settings = Settings.Read();
        Assert.SkipUnless(settings.IsLong, "FAULTS=long runs it: a quarter of an hour.");
        var journal = new Journal(settings.Clock);
        await using var system = await RunningSystem.StartAsync(settings with { IsLong = false, Workers = 2 }, Stop, StripeAccount.Quick);
        journal.Say($"FAULTS_SEED={settings.Seed}, charges, two workers, {system.Around.Describe()}");
        await using var load = await ChargingLoad.StartAsync(system, AtATime, Pause, Day, Stop);
        using var health = new HealthWatch(system, settings.Clock);

        var windows = new List<Window>();
        var began = settings.Clock.GetTimestamp();
        journal.Say(ChargesTable.Head);
        var steps = Plan.Charges(new Random(settings.Seed), system, StripeAccount.Behaviours.Length);
        if (settings.Only is { } only) steps = [.. steps.Where(step => step.ToString().Contains(only, StringComparison.Ordinal))];
        foreach (var step in steps.Skip(settings.Skip).Take(settings.Count))
        {
            if (settings.Clock.GetElapsedTime(began) > settings.Time) break;
            var from = settings.Clock.GetUtcNow();
            var stripe = await load.NextRoundAsync(Stop);
            windows.Add(await RunAsync(step, system, load, health));
            journal.Say(ChargesTable.Of(windows[^1], stripe, from, load.Client.All));
        }

        journal.Say(ChargesTable.Sum(windows, load.Client.All));
        var notWell = windows.SelectMany(window => window.Problems.Select(problem => $"{window.Step}: {problem}"));
        string[] differences = [.. notWell, .. await load.EndAsync(journal, Stop)];
        foreach (var difference in differences.Take(Shown)) journal.Say($"  {difference}");
        Assert.Empty(differences.Take(Shown));
    }

    /// <summary>One fault, and the time until requests are answered again.</summary>
    private static async Task<Window> RunAsync(Step step, RunningSystem system, ChargingLoad load, HealthWatch health)
    {
        var (clock, fault) = (system.Settings.Clock, step.Faults[0]);
        await Task.Delay(step.Calm, clock, Stop);
        await load.LookAsync(Stop);
        var begun = clock.GetUtcNow();
        await Matrix.DoAsync(system, fault, Stop);
        var ended = clock.GetUtcNow();
        string[] problems = [];
        try
        {
            await health.UntilWellAsync(() => load.Client.LastAnswered > ended, Stop);
        }
        catch (TimeoutException exception)
        {
            problems = [$"not well again by itself: {exception.Message}"];
        }

        return new Window(step, begun, begun, ended, ended, clock.GetUtcNow()) { Problems = problems };
    }
}
