namespace Support.Otlp;

/// <summary>
/// The value that each metric had last, by its service and attributes. Earlier ones are dropped: five services that export each second filled 2 GB in a
/// minute.
/// </summary>
public sealed class LatestMetrics
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MetricPoint> _points = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A copy of what there is.</summary>
    public IReadOnlyList<MetricPoint> ToList()
    {
        lock (_gate) return [.. _points.Values];
    }

    /// <summary>Waits until <paramref name="enough"/> is true of the values, and gives those back.</summary>
    /// <exception cref="TimeoutException">Cancelled first; the message lists the values.</exception>
    public async Task<IReadOnlyList<MetricPoint>> WaitAsync(Func<IReadOnlyList<MetricPoint>, bool> enough, CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<MetricPoint> points;
            Task more;
            lock (_gate) (points, more) = ([.. _points.Values], _more.Task);
            if (enough(points)) return points;
            try
            {
                await more.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException cancelled)
            {
                throw new TimeoutException($"The metrics awaited did not arrive. There are:\n{string.Join('\n', points)}", cancelled);
            }
        }
    }

    internal void Add(IEnumerable<MetricPoint> arrived)
    {
        lock (_gate)
        {
            foreach (var point in arrived) _points[IdentityOf(point)] = point;
            _more.SetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static string IdentityOf(MetricPoint point) => string.Join(
        '|', point.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}").Prepend($"{point.Service}|{point.Name}"));
}
