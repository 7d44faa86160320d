using System.Diagnostics;
using System.Threading.Channels;
using Data.Payments;
using Ingest.Api.Database;
using Npgsql;

namespace Ingest.Api.Payments;

/// <summary>
/// Settles what the bank calls back, in batches. Roles: callbacks enqueue and wait; two committers each take what waits and settle it in one transaction, on a
/// connection of their own. All payments of a user, and all with the same of the bank's accounts, want the same rows: one by one, each waits for the round
/// trips of those before it (283 a second on one account, and 2,700 in batches; docs/performance.md).
/// Guarantee: a callback is answered after its payment's commit, never before; what the ledger refuses fails alone.
/// <list type="bullet">
/// <item>Dies before the commit: nothing has changed, no answer was sent, the bank calls again.</item>
/// <item>Dies between commit and answer: the bank calls again, and is told that it was settled so before.</item>
/// <item>PostgreSQL goes, or hangs for longer than Accept__CommitTimeout: 503, the bank calls again; the worker asks it besides.</item>
/// </list>
/// </summary>
internal sealed partial class SettlementQueue(
    NpgsqlDataSource database, StatementTime time, CallbackMetrics metrics, ILogger<SettlementQueue> logger) : BackgroundService
{
    /// <summary>While one waits for the disk or for an answer, the other works.</summary>
    private const int Committers = 2;

    /// <summary>The most payments in one commit.</summary>
    private const int MaxBatch = 64;

    /// <summary>How many may wait: at 2,000 a second, half a second of work.</summary>
    private const int Capacity = 1_000;

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(Capacity);
    private readonly ILogger _logger = logger;

    /// <summary>Settles a payment; null: too many wait already, and nothing was done.</summary>
    /// <exception cref="NpgsqlException">The database is away; nothing is known to have changed.</exception>
    /// <exception cref="TimeoutException">It does not answer; the same.</exception>
    public async Task<Settlement?> SettleAsync(PaymentResult payment, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(payment, Activity.Current?.Context ?? default);
        Settlement? settlement = _waiting.Writer.TryWrite(waiting) ? await waiting.Settled.Task.WaitAsync(cancellationToken) : null;
        metrics.Answered(settlement);
        return settlement;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, Committers).Select(_ => CommitAsync(stoppingToken)));

    private async Task CommitAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                var batch = new List<Waiting>();
                while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var waiting)) batch.Add(waiting);
                await SettleAsync(batch, stoppingToken); // Empty when the other committer was quicker.
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
        using var span = CallbackMetrics.StartSettle(batch.Count, batch.Select(waiting => waiting.Trace));
        try
        {
            var settlements = await time.InTimeWithTriesAsync(limit => CommitAsync(batch, limit), cancellationToken);
            metrics.Committed(batch.Count);
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

    /// <summary>A callback that waits for its payment.</summary>
    private sealed record Waiting(PaymentResult Payment, ActivityContext Trace)
    {
        public TaskCompletionSource<Settlement> Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(71, LogLevel.Error, "A batch of {Count} payments could not be settled; they are settled one by one")]
    private partial void OneByOne(Exception exception, int count);
}
