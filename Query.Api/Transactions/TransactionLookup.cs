using Data;
using Npgsql;
using NpgsqlTypes;

namespace Query.Api.Transactions;

/// <summary>
/// Finds transactions by id, those that are asked for while a statement runs together in the next one. Who asks alone is asked for at once;
/// under load a statement finds dozens, and the cost of a round trip is shared. (Measured on 2 cores, 64 connections: 6,900 reads a second one
/// by one, 17,800 with two statements in flight, 21,900 with one, whose batches are larger; docs/performance.md.)
/// Whoever asks sees what was committed before: its statement begins after it has asked.
/// </summary>
/// <remarks>Nothing here outlives its request. A statement that fails fails for all who share it; each of them may ask again.</remarks>
internal sealed class TransactionLookup(NpgsqlDataSource database)
{
    private const string Sql = $"SELECT {TransactionReply.Columns} FROM transactions WHERE transaction_id = ANY ($1)";

    private const int MaxBatch = 200;

    /// <summary>Seconds. A lookup takes milliseconds, and the next ones wait behind it: none of them is to wait longer than for the front door.</summary>
    private const int Timeout = 3;


    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiting = new();
    private bool _isAsking;

    /// <summary>The transaction, or null when there is none.</summary>
    /// <exception cref="NpgsqlException">PostgreSQL is away, or did not answer in time.</exception>
    public Task<TransactionReply?> FindAsync(string transactionId)
    {
        var waiter = new Waiter(transactionId);
        bool isFirst;
        lock (_gate)
        {
            _waiting.Enqueue(waiter);
            isFirst = !_isAsking;
            _isAsking = true;
        }

        if (isFirst) _ = FindAllAsync();
        return waiter.Task;
    }

    // Goes on as long as somebody waits. Never throws: what goes wrong is told to those it concerns.
    private async Task FindAllAsync()
    {
        while (TakeBatch() is { Count: > 0 } batch)
        {
            try
            {
                var found = await ReadAsync([.. batch.Select(waiter => waiter.TransactionId)]);
                foreach (var waiter in batch) waiter.SetResult(found.GetValueOrDefault(waiter.TransactionId));
            }
            catch (Exception exception)
            {
                foreach (var waiter in batch) waiter.TrySetException(exception);
            }
        }
    }

    private List<Waiter> TakeBatch()
    {
        var batch = new List<Waiter>();
        lock (_gate)
        {
            while (batch.Count < MaxBatch && _waiting.TryDequeue(out var waiter)) batch.Add(waiter);
            _isAsking = batch.Count > 0;
        }

        return batch;
    }

    private async Task<Dictionary<string, TransactionReply>> ReadAsync(string[] ids)
    {
        await using var command = database.CreateCommand(Sql);
        command.CommandTimeout = Timeout;
        command.Parameters.Add(Parameter.Array(ids, NpgsqlDbType.Text));
        await using var rows = await command.ExecuteReaderAsync();
        var found = new Dictionary<string, TransactionReply>(ids.Length, StringComparer.Ordinal);
        while (await rows.ReadAsync())
        {
            var transaction = TransactionReply.Read(rows);
            found.Add(transaction.TransactionId, transaction);
        }

        return found;
    }

    private sealed class Waiter(string transactionId) : TaskCompletionSource<TransactionReply?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string TransactionId { get; } = transactionId;
    }
}
