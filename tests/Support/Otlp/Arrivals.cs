namespace Support.Otlp;

/// <summary>What has arrived so far, and a way to wait for more without polling.</summary>
public sealed class Arrivals<T>(string what)
{
    private readonly Lock _gate = new();
    private readonly List<T> _all = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A copy of what has arrived.</summary>
    public IReadOnlyList<T> ToList()
    {
        lock (_gate) return [.. _all];
    }

    /// <summary>Waits until <paramref name="enough"/> is true of what has arrived, and gives that back.</summary>
    /// <exception cref="TimeoutException">Cancelled first; the message lists what has come.</exception>
    public async Task<IReadOnlyList<T>> WaitAsync(Func<IReadOnlyList<T>, bool> enough, CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<T> all;
            Task more;
            lock (_gate) (all, more) = ([.. _all], _more.Task);
            if (enough(all)) return all;
            try
            {
                await more.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException cancelled)
            {
                throw new TimeoutException($"The {what} awaited did not arrive. {all.Count} did:\n{string.Join('\n', all)}", cancelled);
            }
        }
    }

    internal void Add(IEnumerable<T> arrived)
    {
        lock (_gate)
        {
            _all.AddRange(arrived);
            _more.SetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
