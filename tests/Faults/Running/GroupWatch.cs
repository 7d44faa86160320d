using Npgsql;

namespace Faults.Running;

/// <summary>Who owned how many partitions, by the rows that the workers write every 2 s.</summary>
internal sealed class GroupWatch(RunningSystem system, TimeProvider clock)
{
    private const string Now =
        """
        SELECT coalesce(string_agg(instance_id || ' has ' || partitions, ', ' ORDER BY instance_id), 'nobody')
        FROM worker_instances WHERE seen_at > now() - interval '10 s'
        """;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<(DateTimeOffset At, string Owners)> _seen = [];

    /// <summary>The different states of the group since then, one after the other; one alone: nothing came or went.</summary>
    public IReadOnlyList<string> Since(DateTimeOffset moment)
    {
        lock (_lock) return [.. _seen.Where(seen => seen.At >= moment).Select(seen => seen.Owners).Distinct()];
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                if (await AskAsync(stop) is not { } owners) continue;
                lock (_lock) _seen.Add((clock.GetUtcNow(), owners));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Enough seen.
        }
    }

    private async Task<string?> AskAsync(CancellationToken stop)
    {
        try
        {
            return await system.AskAsync<string>(Now, stop);
        }
        catch (NpgsqlException)
        {
            return null; // The database is away: that is seen elsewhere.
        }
    }
}
