namespace Faults.Load;

/// <summary>A GET of an id that had its 202.</summary>
internal sealed record Read(string Id, int Status, DateTimeOffset At);

/// <summary>Asks at the front door for what was accepted: from its 202 on an id is there, or the answer is an error, but never 404.</summary>
internal sealed class Reader(HttpClient door, Sender sender, Random random, TimeProvider clock)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<Read> _reads = [];
    private readonly List<Task> _open = [];

    public IReadOnlyList<Read> Reads
    {
        get { lock (_lock) return [.. _reads]; }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                _open.RemoveAll(task => task.IsCompleted);
                if (sender.AnyAccepted(random) is { } id) _open.Add(ReadAsync(id));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(_open);
        }
    }

    private async Task ReadAsync(string id)
    {
        var status = 0;
        try
        {
            using var response = await door.GetAsync(new Uri($"/v1/transactions/{id}", UriKind.Relative));
            status = (int)response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // No answer.
        }

        lock (_lock) _reads.Add(new Read(id, status, clock.GetUtcNow()));
    }
}
