using Faults.Running;
using Support;
using Systems;

namespace Faults.Kinds;

/// <summary>PostgreSQL's disk is full. It refuses what needs room, and goes down when its log needs some; the product starts it again, when there is.</summary>
internal sealed class FullDisk() : Fault("full disk", RunningSystem.Postgres)
{
    private Instance? _server;

    public override Task BeginAsync(RunningSystem system, CancellationToken stop)
    {
        system.Processes.RestartAfter(RunningSystem.Postgres, Lasts);
        _server = system.Processes.Of(RunningSystem.Postgres)[0];
        return system.Disk!.FillAsync();
    }

    public override async Task EndAsync(RunningSystem system, CancellationToken stop)
    {
        system.Disk!.MakeRoom();
        if (!Proc.IsThere(_server!.Pid)) await system.Processes.UntilBackAsync(_server, stop);
    }
}
