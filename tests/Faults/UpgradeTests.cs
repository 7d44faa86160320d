using Faults.Invariants;
using Faults.Kinds;
using Faults.Printing;
using Faults.Running;
using Support;

namespace Faults;

/// <summary>Services are replaced while webhooks come.</summary>
[Trait("Kafka", "yes")]
[Collection(SharedSystem.Name)]
public class UpgradeTests(SharedSystem shared)
{
    private const int Shown = 20;

    private static readonly TimeSpan Together = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rolling_restart_under_load_loses_nothing_and_does_nothing_twice()
    {
        var settings = Settings.Read();
        settings.SkipUnlessShort();
        var journal = new Journal(settings.Clock);
        await using var load = await UnderLoad.StartAsync(shared.System, "rolling", Stop);
        var windows = new List<Window>();
        foreach (var service in RunningSystem.Services)
            windows.Add(await load.Matrix.RunAsync(new Step([new Terminate(service)], TimeSpan.FromSeconds(1), default), Stop));

        Report(await load.EndAsync(windows, Stop), "rolling restart", journal);
    }

    [Fact]
    public async Task A_worker_of_the_previous_commit_and_one_of_this_share_the_work_and_nothing_is_lost_or_done_twice()
    {
        var settings = Settings.Read();
        Assert.SkipUnless(settings.IsLong, "Builds another commit, which takes a minute: FAULTS=long.");
        var journal = new Journal(settings.Clock);
        await using var previous = await PreviousBuild.MakeAsync("Processor.Worker");
        journal.Say($"upgrade: from {previous.Commit}");
        await using var system = await RunningSystem.StartAsync(settings with { IsLong = false, Workers = 1 }, Stop);
        await using var load = await UnderLoad.StartAsync(system, "upgrade", Stop);

        var begun = settings.Clock.GetUtcNow();
        await using var old = await Twin.StartAsync(system, RunningSystem.Worker, program: previous.Program);
        await Eventually.TrueAsync(
            token => system.AskAsync<bool>(
                "SELECT count(*) = 2 AND sum(partitions) = 12 AND min(partitions) > 0 FROM worker_instances WHERE seen_at > now() - interval '4 s'", token),
            Stop, Settings.Bound);
        var shared = settings.Clock.GetUtcNow();
        await Task.Delay(Together, settings.Clock, Stop);
        await old.TerminateAsync(Settings.Bound);
        var gone = settings.Clock.GetUtcNow();
        await load.Health.UntilWellAsync(() => load.Sender.LastAccepted > gone, Stop);

        var window = new Window(new Step([], default, default), begun, shared, gone, gone, settings.Clock.GetUtcNow());
        Report(await load.EndAsync([window], Stop), $"two workers, {string.Join("; then ", load.Group.Since(begun))}", journal);
    }

    private static void Report(Evidence evidence, string what, Journal journal)
    {
        var judge = new Judge(evidence);
        judge.Run();
        journal.Say(Table.Head);
        for (var i = 0; i < evidence.Windows.Count; i++) journal.Say(Table.Of(evidence.Windows[i], judge.Counts[i]));
        journal.Say($"{what}: {evidence.Rows.Count} rows, {judge.Violations.Count} violations");
        foreach (var violation in judge.Violations.Take(Shown)) journal.Say($"  {violation}");
        Assert.Empty(judge.Violations.Take(Shown));
    }
}
