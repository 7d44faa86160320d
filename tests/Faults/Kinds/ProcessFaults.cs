using Faults.Running;
using Systems;

namespace Faults.Kinds;

/// <summary>kill -9; the product starts it again by itself, a while later.</summary>
internal sealed class Kill(string on) : Fault("kill -9", on)
{
    private Instance? _killed;

    public override bool MayRepeatCalls => on == RunningSystem.Worker;

    public override bool Silences(string service) => service == on;

    public override bool MakesUnready(string service) => Needs(service, on);

    public override Task BeginAsync(RunningSystem system, CancellationToken stop)
    {
        system.Processes.RestartAfter(on, Lasts);
        _killed = system.Processes.Of(on)[^1];
        Signals.Send(_killed.Pid, Signals.Kill);
        return Task.CompletedTask;
    }

    public override Task EndAsync(RunningSystem system, CancellationToken stop) => system.Processes.UntilBackAsync(_killed!, stop);
}

/// <summary>
/// SIGTERM, as in a rolling update: what is in hand is finished. PostgreSQL is asked for its fast shutdown. What then ends well (exit code 0) is started again
/// by the matrix; a JVM ends with 143, and the product takes it for dead.
/// </summary>
internal sealed class Terminate(string on) : Fault("SIGTERM", on)
{
    private Instance? _stopped;

    public override bool Silences(string service) => service == on;

    public override bool MakesUnready(string service) => Needs(service, on);

    public override Task BeginAsync(RunningSystem system, CancellationToken stop)
    {
        system.Processes.RestartAfter(on, Lasts);
        _stopped = system.Processes.Of(on)[^1];
        Signals.Send(_stopped.Pid, on == RunningSystem.Postgres ? Signals.Interrupt : Signals.Term);
        return Task.CompletedTask;
    }

    public override Task EndAsync(RunningSystem system, CancellationToken stop) => system.Processes.UntilReplacedAsync(_stopped!, stop);
}

/// <summary>SIGSTOP, then SIGCONT: connections stay open and nobody answers; then it goes on as if nothing had been.</summary>
internal sealed class Pause(string on) : Fault("SIGSTOP", on)
{
    private readonly List<int> _pids = [];

    // A broker that stands still for a session removes its members: a worker loses its partitions in the middle of its calls, and whoever gets them, itself
    // as a rule, reads the records again (seed 11: 20 to 32 ms after the first call).
    public override bool MayRepeatCalls => on is RunningSystem.Worker or RunningSystem.Broker;

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
