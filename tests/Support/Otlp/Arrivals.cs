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
    public Task<IReadOnlyList<T>> WaitAsync(Func<IReadOnlyList<T>, bool> enough, CancellationToken cancellationToken) =>
        WaitAsync(_ => true, enough, cancellationToken);

    /// <summary>
    /// The same of those that <paramref name="which"/> picks. Each one is looked at once, however often more arrive: a whole system sends thousands while a
    /// test waits for one of them.
    /// </summary>
    /// <exception cref="TimeoutException">Cancelled first; the message lists what has come.</exception>
    public async Task<IReadOnlyList<T>> WaitAsync(Func<T, bool> which, Func<IReadOnlyList<T>, bool> enough, CancellationToken cancellationToken)
    {
        var (picked, seen) = (new List<T>(), 0);
        while (true)
        {
            List<T> arrived;
            Task more;
            lock (_gate) (arrived, more) = (_all[seen..], _more.Task);
            seen += arrived.Count;
            picked.AddRange(arrived.Where(which));
            if (enough(picked)) return picked;
            try
            {
                await more.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException cancelled)
            {
                throw new TimeoutException(
                    $"The {what} awaited did not arrive. Of {seen} that did these were looked at:\n{string.Join('\n', picked)}", cancelled);
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
