using Faults.Running;

namespace Faults.Kinds;

/// <summary>One service's clock is an hour ahead. Nothing may be early by it: the database's clock decides.</summary>
internal sealed class ClockAhead(string on) : Fault("clock +1 h", on)
{
    public override Task BeginAsync(RunningSystem system, CancellationToken stop) =>
        File.WriteAllTextAsync(Path.Combine(system.Around.Clocks, on), "01:00:00", stop);

    public override Task EndAsync(RunningSystem system, CancellationToken stop)
    {
        File.Delete(Path.Combine(system.Around.Clocks, on));
        return Task.CompletedTask;
    }
}
