using Data.Payments;
using Ingest.Api.Database;
using Ingest.Api.Transactions;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Batches;
using ServiceDefaults.Problems;

namespace Ingest.Api.Payments;

/// <summary>
/// Settles the payments of the bank's callbacks in batches (<see cref="BatchQueue{TItem,TResult}"/>): callbacks that wait at the same time are settled in one
/// transaction. All payments of a user, and all with the same of the bank's accounts, lock the same rows: one by one, each waits for the round trips of those
/// before it (283 a second on one account, and 2,700 in batches; docs/performance.md).
/// Guarantee: a callback is answered after its payment's commit, never before; a payment that the ledger refuses fails alone.
/// <list type="bullet">
/// <item>Dies before the commit: nothing has changed, no answer was sent, the bank calls again.</item>
/// <item>Dies between commit and answer: the bank calls again, and is answered that the payment was settled before.</item>
/// <item>PostgreSQL goes, takes no writes, or hangs for longer than Accept__CommitTimeout: 503, the bank calls again; besides, the worker asks the bank.</item>
/// </list>
/// </summary>
internal sealed class SettlementQueue
{
    private readonly NpgsqlDataSource _database;
    private readonly TimedStatements _statements;
    private readonly CallbackMetrics _metrics;
    private readonly BatchQueue<PaymentResult, Settlement> _queue;

    public SettlementQueue(
        NpgsqlDataSource database, TimedStatements statements, CallbackMetrics metrics, IOptions<AcceptOptions> options, TimeProvider clock)
    {
        (_database, _statements, _metrics) = (database, statements, metrics);
        var batches = new BatchQueueOptions("settle payments")
        {
            Capacity = 1_000, // At 2,000 a second, half a second of work.
            MaxBatch = 64,
            MaxInFlight = 2, // While one waits for the disk or for an answer, the other works.
            MaxWait = options.Value.CommitTimeout,
            IsForOneItem = exception => DatabaseFaults.Of(exception) == DatabaseFault.None,
        };
        _queue = new(batches, SettleAsync, clock);
    }

    /// <summary>Settles a payment; null: too many wait already, and nothing was done.</summary>
    /// <exception cref="NpgsqlException">The database cannot answer. The payment may be settled.</exception>
    /// <exception cref="TimeoutException">The database did not answer in time. The payment may be settled.</exception>
    public async Task<Settlement?> SettleAsync(PaymentResult payment, CancellationToken cancellationToken)
    {
        Settlement? settlement = _queue.TryEnqueue(payment) is { } settled ? await settled.WaitAsync(cancellationToken) : null;
        _metrics.Answered(settlement);
        return settlement;
    }

    private async Task SettleAsync(IReadOnlyList<QueuedItem<PaymentResult, Settlement>> batch)
    {
        // Of several results for one payment the first settles it, and the others then find it settled.
        var rest = batch;
        while (rest.Count > 0)
        {
            var first = rest.DistinctBy(queued => queued.Item.PaymentId).ToList();
            rest = [.. rest.Except(first)];
            await SettleEachOnceAsync(first);
        }
    }

    private async Task SettleEachOnceAsync(List<QueuedItem<PaymentResult, Settlement>> batch)
    {
        var settlements = await _statements.RunRepeatableAsync(limit => CommitAsync(batch, limit), CancellationToken.None);
        _metrics.Committed(batch.Count);
        for (var n = 0; n < batch.Count; n++) batch[n].TrySetResult(settlements[n]);
    }

    private async Task<IReadOnlyList<Settlement>> CommitAsync(List<QueuedItem<PaymentResult, Settlement>> batch, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        return await SettlePayments.AndCommitAsync(connection, [.. batch.Select(queued => queued.Item)], cancellationToken);
    }
}
