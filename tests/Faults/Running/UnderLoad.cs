using Faults.Invariants;
using Faults.Load;

namespace Faults.Running;

/// <summary>A system with its steady load of webhooks and reads, watched from outside, while something is done to it.</summary>
internal sealed class UnderLoad : IAsyncDisposable
{
    private readonly RunningSystem _system;
    private readonly Reader _reader;
    private readonly CancellationTokenSource _endOfLoad, _endOfWatch;
    private readonly Task _load, _watch;
    private readonly IReadOnlySet<string> _before;

    private UnderLoad(RunningSystem system, string prefix, IReadOnlySet<string> before, CancellationToken stop)
    {
        _before = before;
        var (clock, seed) = (system.Settings.Clock, system.Settings.Seed);
        _system = system;
        _endOfLoad = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _endOfWatch = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Sender = new Sender(system.Door, $"{prefix}_{seed}", new Random(seed), clock);
        Offsets = new OffsetWatch(system);
        Health = new HealthWatch(system, clock);
        Group = new GroupWatch(system, clock);
        Matrix = new Matrix(system, Sender, Health, Offsets, clock);
        _reader = new Reader(system.Door, Sender, new Random(seed), clock);
        _load = Task.WhenAll(Sender.RunAsync(system.Settings.Rate, _endOfLoad.Token), _reader.RunAsync(_endOfLoad.Token));
        _watch = Task.WhenAll(Health.RunAsync(_endOfWatch.Token), Group.RunAsync(_endOfWatch.Token));
    }

    public Sender Sender { get; }

    public OffsetWatch Offsets { get; }

    public HealthWatch Health { get; }

    public GroupWatch Group { get; }

    public Matrix Matrix { get; }

    public static async Task<UnderLoad> StartAsync(RunningSystem system, string prefix, CancellationToken stop)
    {
        var before = await StoredRow.ReadAllAsync(system, stop);
        var load = new UnderLoad(system, prefix, before.Keys.ToHashSet(StringComparer.Ordinal), stop);
        await load.Health.UntilWellAsync(() => load.Sender.LastAccepted > default(DateTimeOffset), stop);
        return load;
    }

    /// <summary>No more webhooks; every transaction has its outcome and every offset is committed, within the bound; what was seen meanwhile.</summary>
    public async Task<Evidence> EndAsync(IReadOnlyList<Window> windows, CancellationToken stop)
    {
        await _endOfLoad.CancelAsync();
        await _load;
        await Matrix.SettleAsync(stop);
        await _endOfWatch.CancelAsync();
        await _watch;
        var rows = (await StoredRow.ReadAllAsync(_system, stop)).Where(row => !_before.Contains(row.Key)).ToDictionary(StringComparer.Ordinal);
        return new Evidence(windows, Sender.Attempts, _reader.Reads, Health.Probes, rows, _system.Around.Receiver);
    }

    public async ValueTask DisposeAsync()
    {
        await _endOfLoad.CancelAsync();
        await _endOfWatch.CancelAsync();
        await Task.WhenAll(_load, _watch);
        Offsets.Dispose();
        Health.Dispose();
        _endOfLoad.Dispose();
        _endOfWatch.Dispose();
    }
}
