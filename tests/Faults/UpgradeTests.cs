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
    public async Task The_services_from_before_the_schema_changed_run_on_it_beside_those_of_today_and_nothing_is_lost_or_done_twice()
    {
        var settings = Settings.Read();
        Assert.SkipUnless(settings.IsLong, "Builds another commit, which takes minutes: FAULTS=long.");
        var journal = new Journal(settings.Clock);
        await using var previous = await PreviousBuild.MakeAsync("Ingest.Api", "Query.Api", "Processor.Worker");
        journal.Say($"upgrade: from {previous.Commit}");
        await using var system = await RunningSystem.StartAsync(settings with { IsLong = false, Workers = 1 }, Stop, SharedSystem.Services);
        await using var load = await UnderLoad.StartAsync(system, "upgrade", Stop);

        var begun = settings.Clock.GetUtcNow();
        await using var doors = await PreviousDoors.OpenAsync(system, previous, Stop);
        await using var worker = await Twin.StartAsync(system, RunningSystem.Worker, program: previous.ProgramOf("Processor.Worker"));
        await Eventually.TrueAsync(
            token => system.AskAsync<bool>(
                "SELECT count(*) = 2 AND sum(partitions) = 12 AND min(partitions) > 0 FROM worker_instances WHERE seen_at > now() - interval '4 s'", token),
            Stop, Settings.Bound);
        var shared = settings.Clock.GetUtcNow();
        await doors.UseAsync(Stop);
        await worker.TerminateAsync(Settings.Bound);
        var gone = settings.Clock.GetUtcNow();
        await load.Health.UntilWellAsync(() => load.Sender.LastAccepted > gone, Stop);

        var window = new Window(new Step([], default, default), begun, shared, gone, gone, settings.Clock.GetUtcNow());
        var evidence = doors.AddTo(await load.EndAsync([window], Stop));
        Report(evidence, $"previous and present services, {string.Join("; then ", load.Group.Since(begun))}", journal);
        Assert.Empty(await doors.DifferencesAsync(journal, Stop));
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
