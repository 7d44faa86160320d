using Faults.Running;

namespace Faults.Kinds;

/// <summary>
/// kill -9 for brokers of a cluster of three. Each leads a third of the partitions, so one is always the leader of some; with two gone nothing
/// can be written, and no leader be elected.
/// </summary>
internal sealed class BrokersKilled(params int[] nodes) : Fault($"kill -9 {nodes.Length} of 3", RunningSystem.Broker)
{
    public override Task BeginAsync(RunningSystem system, CancellationToken stop) => Task.WhenAll(nodes.Select(system.Around.Cluster!.KillAsync));

    public override Task EndAsync(RunningSystem system, CancellationToken stop) => Task.WhenAll(nodes.Select(system.Around.Cluster!.StartNodeAsync));
}
