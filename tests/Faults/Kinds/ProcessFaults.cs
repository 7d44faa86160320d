using Faults.Running;
using LocalHosting;

namespace Faults.Kinds;

/// <summary>kill -9; the orchestrator, played by the matrix, starts it again.</summary>
internal sealed class Kill(string on) : Fault("kill -9", on)
{
    private int _pid;

    public override bool MayRepeatCalls => on == RunningSystem.Worker;

    public override bool Silences(string service) => service == on;

    public override bool MakesUnready(string service) => Needs(service, on);

    public override Task BeginAsync(RunningSystem system, CancellationToken stop)
    {
        // The last of two workers: the first one's port is the one that is asked for its health.
        _pid = system.App.ProcessIds(on)[^1];
        Signals.Send(_pid, Signals.Kill);
        return Task.CompletedTask;
    }

    public override async Task EndAsync(RunningSystem system, CancellationToken stop)
    {
        await system.WaitForEndAsync(on, _pid, stop);
        await system.App.StartAgainAsync(on, stop);
    }
}

/// <summary>SIGTERM, as in a rolling update: what is in hand is finished. PostgreSQL is asked for its fast shutdown.</summary>
internal sealed class Terminate(string on) : Fault("SIGTERM", on)
{
    private int _pid;

    public override bool Silences(string service) => service == on;

    public override bool MakesUnready(string service) => Needs(service, on);

    public override Task BeginAsync(RunningSystem system, CancellationToken stop)
    {
        _pid = system.App.ProcessIds(on)[^1];
        Signals.Send(_pid, on == RunningSystem.Postgres ? Signals.Int : Signals.Term);
        return Task.CompletedTask;
    }

    public override async Task EndAsync(RunningSystem system, CancellationToken stop)
    {
        await system.WaitForEndAsync(on, _pid, stop);
        await system.App.StartAgainAsync(on, stop);
    }
}

/// <summary>SIGSTOP, then SIGCONT: connections stay open and nobody answers; then it goes on as if nothing had been.</summary>
internal sealed class Pause(string on) : Fault("SIGSTOP", on)
{
    private readonly List<int> _pids = [];

    public override bool MayRepeatCalls => on == RunningSystem.Worker;

    public override bool Silences(string service) => service == on;

    public override bool MakesUnready(string service) => Needs(service, on);

    public override Task BeginAsync(RunningSystem system, CancellationToken stop)
    {
        // Again until there are no more: PostgreSQL's server may have had another child before it stood still.
        _pids.Clear();
        while (Pids(system).Except(_pids).ToList() is { Count: > 0 } more)
        {
            foreach (var pid in more) Signals.Send(pid, Signals.Stop);
            _pids.AddRange(more);
        }

        return Task.CompletedTask;
    }

    public override Task EndAsync(RunningSystem system, CancellationToken stop)
    {
        foreach (var pid in _pids) Signals.Send(pid, Signals.Cont);
        return Task.CompletedTask;
    }

    private IReadOnlyList<int> Pids(RunningSystem system) => on == RunningSystem.Worker ? [system.Pids(on)[^1]] : system.Pids(on);
}
