using System.Diagnostics;
using System.Threading.Channels;
using Data.Payments;
using Ingest.Api.Database;
using Npgsql;

namespace Ingest.Api.Payments;

/// <summary>
/// Settles what the bank calls back, in batches. Roles: callbacks enqueue and wait; one committer takes what waits and settles it in one transaction. All deposits of
/// a user, and every payment with one of the bank's 16 accounts, want the same rows: one by one, each waits for the round trips of those before it
/// (283 a second on one account; so 2,400 to 4,000), and two committers wait for each other (docs/performance.md).
/// Guarantee: a callback is answered after its payment's commit, never before; what the ledger refuses fails alone.
/// <list type="bullet">
/// <item>Dies before the commit: nothing has changed, no answer was sent, the bank calls again.</item>
/// <item>Dies between commit and answer: the bank calls again, and is told that it was settled so before.</item>
/// <item>PostgreSQL goes, or hangs for longer than Accept__CommitTimeout: 503, the bank calls again; the worker asks it besides.</item>
/// </list>
/// </summary>
internal sealed partial class SettlementQueue(NpgsqlDataSource database, StatementTime time, ILogger<SettlementQueue> logger) : BackgroundService
{
    /// <summary>The most payments in one commit.</summary>
    private const int MaxBatch = 64;

    /// <summary>How many may wait: at 2,000 a second, half a second of work.</summary>
    private const int Capacity = 1_000;

    private static readonly ActivitySource Source = new("AspireWebhooks.Ingest.Payments");

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly ILogger _logger = logger;

    /// <summary>Settles a payment; null: too many wait already, and nothing was done.</summary>
    /// <exception cref="NpgsqlException">The database is away; nothing is known to have changed.</exception>
    /// <exception cref="TimeoutException">It does not answer; the same.</exception>
    public async Task<Settlement?> SettleAsync(PaymentResult payment, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(payment, Activity.Current?.Context ?? default);
        return _waiting.Writer.TryWrite(waiting) ? await waiting.Settled.Task.WaitAsync(cancellationToken) : null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                var batch = new List<Waiting>();
                while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var waiting)) batch.Add(waiting);
                await SettleAsync(batch, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server has stopped before this and with it every request: nobody waits any more.
        }
    }

    private async Task SettleAsync(List<Waiting> batch, CancellationToken cancellationToken)
    {
        // A payment is settled by the first that tells of it, and the others then find it settled.
        while (batch.Count > 0)
        {
            var first = batch.DistinctBy(waiting => waiting.Payment.PaymentId).ToList();
            batch = batch.Except(first).ToList();
            await SettleEachOnceAsync(first, cancellationToken);
        }
    }

    private async Task SettleEachOnceAsync(List<Waiting> batch, CancellationToken cancellationToken)
    {
        using var span = StartSettle(batch);
        try
        {
            var settlements = await time.InTimeWithTriesAsync(limit => CommitAsync(batch, limit), cancellationToken);
            for (var n = 0; n < batch.Count; n++) batch[n].Settled.SetResult(settlements[n]);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (batch.Count > 1 && exception is PostgresException or InvalidOperationException or ArgumentException)
            {
                OneByOne(exception, batch.Count);
                foreach (var waiting in batch) await SettleEachOnceAsync([waiting], cancellationToken);
                return;
            }

            foreach (var waiting in batch) waiting.Settled.SetException(exception);
        }
    }

    private async Task<IReadOnlyList<Settlement>> CommitAsync(List<Waiting> batch, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await SettlePayments.AndCommitAsync(connection, [.. batch.Select(waiting => waiting.Payment)], cancellationToken);
    }

    /// <summary>The span of a commit, linked to the callbacks it answers; null when nobody listens.</summary>
    private static Activity? StartSettle(List<Waiting> batch)
    {
        if (!Source.HasListeners()) return null;
        var links = batch.Where(waiting => waiting.Trace != default).Select(waiting => new ActivityLink(waiting.Trace));
        var span = Source.StartActivity("settle payments", ActivityKind.Internal, parentContext: default, links: links);
        span?.SetTag("aspirewebhooks.batch.payments", batch.Count);
        return span;
    }

    /// <summary>A callback that waits for its payment.</summary>
    private sealed record Waiting(PaymentResult Payment, ActivityContext Trace)
    {
        public TaskCompletionSource<Settlement> Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(71, LogLevel.Error, "A batch of {Count} payments could not be settled; they are settled one by one")]
    private partial void OneByOne(Exception exception, int count);
}
