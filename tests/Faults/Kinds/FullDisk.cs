using Faults.Running;
using LocalHosting;

namespace Faults.Kinds;

/// <summary>PostgreSQL's disk is full. It refuses what needs room, and goes down when its log needs some; the orchestrator starts it when there is.</summary>
internal sealed class FullDisk() : Fault("full disk", RunningSystem.Postgres)
{
    public override Task BeginAsync(RunningSystem system, CancellationToken stop) => system.Disk!.FillAsync();

    public override async Task EndAsync(RunningSystem system, CancellationToken stop)
    {
        system.Disk!.MakeRoom();
        if (system.App.ProcessIds(RunningSystem.Postgres).Count == 0) await system.App.StartAgainAsync(RunningSystem.Postgres, stop);
    }
}
