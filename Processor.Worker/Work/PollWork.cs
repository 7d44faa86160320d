namespace Processor.Worker.Work;

/// <summary>What a capability brings to work that is found by polling its table.</summary>
/// <typeparam name="TClaimed">A claimed row, with the number of its claim.</typeparam>
/// <param name="Name">The table's name, for messages.</param>
/// <param name="Interval">Between two looks, when the last one found less than there was room for.</param>
/// <param name="MaxConcurrency">Claims that one worker runs at a time.</param>
/// <param name="Lease">How long a claim lasts.</param>
/// <param name="ClaimAsync">
/// Claims up to so many rows that are due, in one statement with <c>FOR UPDATE SKIP LOCKED</c>: it keeps them from others for the length of the lease and
/// raises their claim number. Throws what the database throws.
/// </param>
/// <param name="IdOf">The row's id, for messages.</param>
/// <param name="RunAsync">
/// Does the work of a claim and records its outcome, every write under the claim's number. Throws what the database throws; the row is then claimed again when
/// the lease ends.
/// </param>
internal sealed record PollRules<TClaimed>(
    string Name,
    TimeSpan Interval,
    int MaxConcurrency,
    TimeSpan Lease,
    Func<int, TimeSpan, CancellationToken, Task<IReadOnlyList<TClaimed>>> ClaimAsync,
    Func<TClaimed, string> IdOf,
    Func<TClaimed, Task> RunAsync);

/// <summary>
/// Work whose date is in its row and that no Kafka record announces: claims rows that are due and runs the claims, many at a time. Roles: every worker runs
/// one; SKIP LOCKED keeps two from claiming the same row, the lease keeps it claimed, and the claim's number keeps a worker out that resumes after its lease.
/// Guarantee: a row that is due is claimed within an interval of a place being free, and again after each lease until its outcome is recorded.
/// <list type="bullet">
/// <item>Dies before the claim's commit: nothing has happened.</item>
/// <item>Dies after it: the lease ends, and any worker claims the row again.</item>
/// <item>PostgreSQL is away: the next interval looks again, and <c>/health/worker</c> says so.</item>
/// <item>PostgreSQL refuses an outcome for what is in it: the row is tried once a lease, others go on, and <c>/health/worker</c> names it.</item>
/// </list>
/// </summary>
internal sealed partial class PollWork<TClaimed>(PollRules<TClaimed> rules, Problems problems, TimeProvider clock, ILogger<PollWork<TClaimed>> logger)
    : BackgroundService
{
    /// <summary>The most rows claimed by one statement.</summary>
    private const int MaxBatch = 100;

    private readonly ClaimedRuns _runs = new(rules.Name, rules.MaxConcurrency, rules.Lease, problems, logger);
    private readonly ILogger _logger = logger;

    /// <summary>Ends when the running claims are recorded, or at the host's time limit: then their leases hand them on.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _runs.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _runs.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(rules.Interval, clock);
        try
        {
            do
            {
                while (await ClaimAsync(stoppingToken))
                {
                    // As many as there was room for: there may be more.
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was claimed and not started is claimed again when its lease ends.
        }
    }

    /// <summary>Claims and starts; whether there may be more that is due.</summary>
    private async Task<bool> ClaimAsync(CancellationToken cancellationToken)
    {
        // First a place, then the claim: no lease runs while its row waits for a place.
        var free = Math.Min(MaxBatch, await _runs.FreeAsync(cancellationToken));
        try
        {
            var claimed = await rules.ClaimAsync(free, rules.Lease, cancellationToken);
            problems.Resolve(rules.Name);
            foreach (var claim in claimed) _runs.Start(rules.IdOf(claim), () => rules.RunAsync(claim));
            return claimed.Count == free;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure: work that nobody looks for would be worse.
            problems.Report(rules.Name, $"{rules.Name} cannot be claimed, and wait: {DatabaseRefusal.Describe(exception)}");
            NotClaimed(exception, rules.Name);
            return false;
        }
    }

    [LoggerMessage(190, LogLevel.Warning, "{Table} could not be claimed; they are tried again at the next interval")]
    private partial void NotClaimed(Exception exception, string table);
}
