using Data;
using Data.Transactions;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Batches;

namespace Query.Api.Transactions;

/// <summary>
/// Finds transactions by id; requests that come while a statement runs share the next one (<see cref="BatchQueue{TItem,TResult}"/>).
/// (Measured on 2 cores, 64 connections: 6,900 reads a second one by one, 17,800 with two statements in flight, 21,900 with one, whose batches are larger;
/// docs/performance.md.) A request sees what was committed before it came: its statement begins after.
/// </summary>
/// <remarks>A statement that fails fails for all requests that share it; each may be sent again.</remarks>
internal sealed class TransactionLookup
{
    private const string Sql = $"SELECT {TransactionReply.Columns} FROM transactions WHERE transaction_id = ANY ($1)";

    /// <summary>
    /// Seconds. A lookup takes milliseconds, and the next ones wait behind it: two of them together must end before the front door gives up (15 s).
    /// </summary>
    private const int StatementTimeout = 3;

    private readonly NpgsqlDataSource _database;
    private readonly BatchQueue<string, TransactionReply?> _queue;

    public TransactionLookup(NpgsqlDataSource database, TimeProvider clock)
    {
        _database = database;
        _queue = new(new("find transactions") { Capacity = 10_000, MaxBatch = 200 }, FindAsync, clock);
    }

    /// <summary>The transaction, or null when there is none. No task: too many requests wait already.</summary>
    /// <exception cref="NpgsqlException">PostgreSQL is away, or did not answer in time.</exception>
    public Task<TransactionReply?>? TryFindAsync(string transactionId) => _queue.TryEnqueue(transactionId);

    private async Task FindAsync(IReadOnlyList<QueuedItem<string, TransactionReply?>> batch)
    {
        await using var command = _database.CreateCommand(Sql);
        command.CommandTimeout = StatementTimeout;
        command.Parameters.Add(Parameter.Array([.. batch.Select(queued => queued.Item)], NpgsqlDbType.Text));
        await using var rows = await command.ExecuteReaderAsync();
        var found = new Dictionary<string, TransactionReply>(batch.Count, StringComparer.Ordinal);
        while (await rows.ReadAsync())
        {
            var transaction = TransactionReply.Read(rows);
            found.Add(transaction.TransactionId, transaction);
        }

        foreach (var queued in batch) queued.TrySetResult(found.GetValueOrDefault(queued.Item));
    }
}
