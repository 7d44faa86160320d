using Data;
using Data.Transactions;
using Ingest.Api.Database;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.Transactions;

/// <summary>The statements of the intake: one insert for a whole batch, one select of the rows that it is in conflict with.</summary>
internal sealed class InsertTransactions(NpgsqlDataSource database, IOptions<TransactionSchedule> schedule, TimedStatements statements)
{
    /// <summary>Fails with 23505, and stores nothing, where one of the ids is stored already.</summary>
    private const string InsertNew =
        """
        INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, traceparent, next_publish_at)
        SELECT id, source, destination, amount, currency, traceparent, now() + $7
        FROM unnest($1, $2, $3, $4, $5, $6) AS batch (id, source, destination, amount, currency, traceparent)
        """;

    private const string InsertMissing = InsertNew + "\nON CONFLICT (transaction_id) DO NOTHING RETURNING transaction_id, created_at";

    /// <summary>now() is when the transaction began: in the same round trip it is the created_at of all rows of the insert before it.</summary>
    private const string CreatedAt = "SELECT now()";

    /// <summary>
    /// A batch of fewer rows goes by <see cref="InsertMissing"/>. There is no hurry then, and PostgreSQL writes each 23505 into its log: a webhook that
    /// somebody sends twice by hand must not look like a fault there.
    /// </summary>
    private const int FewRows = 8;

    /// <summary>
    /// How many batches go by <see cref="InsertMissing"/> after one had an id that was stored: senders repeat their webhooks in swarms, and a batch that fails
    /// is written twice.
    /// </summary>
    private const int BatchesAfterConflict = 64;

    private const string Find =
        "SELECT transaction_id, source_account, destination_account, amount, currency FROM transactions WHERE transaction_id = ANY ($1)";

    private const string IsWritable = "SELECT current_setting('transaction_read_only') = 'off'";

    private int _batchesByMissing; // How many are still to go by InsertMissing.

    /// <summary>
    /// Inserts the first of each group, unless its id is stored already. Repeatable: rows that a try has committed without our knowing are found as duplicates
    /// of themselves.
    /// </summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time. The rows may be inserted.</exception>
    public Task<InsertedRows> InsertAsync(ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken) =>
        statements.RunRepeatableAsync(limit => InsertOnceAsync(groups, limit), cancellationToken);

    /// <summary>What is stored under the groups' ids.</summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time.</exception>
    public Task<Dictionary<string, TransactionContent>> FindAsync(List<SubmissionGroup> groups, CancellationToken cancellationToken) =>
        statements.RunAsync(limit => FindOnceAsync(groups, limit), cancellationToken);

    /// <summary>Whether PostgreSQL answers in time and takes writes.</summary>
    public async Task<bool> IsDatabaseWritableAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await statements.RunAsync(
                async limit =>
                {
                    await using var command = database.CreateCommand(IsWritable);
                    return await command.ExecuteScalarAsync(limit) is true;
                },
                cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // Whatever it is (an unknown host name, a refused connection, a changed password, a time-out), webhooks cannot be stored.
        }
    }

    private async Task<Dictionary<string, TransactionContent>> FindOnceAsync(List<SubmissionGroup> groups, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Find);
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.Id)], NpgsqlDbType.Text));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<string, TransactionContent>(groups.Count, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var content = new TransactionContent(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetDecimal(3), reader.GetString(4));
            found.Add(content.TransactionId, content);
        }

        return found;
    }

    // Almost every webhook is new. A statement that need not look whether its ids are stored, nor tell which rows it inserted, takes 2 us of processor less a
    // row, of 50 that a webhook takes in all, and 4 % more webhooks are taken in (docs/performance.md).
    private async Task<InsertedRows> InsertOnceAsync(ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (groups.Count < FewRows || IsAfterConflict()) return await InsertMissingAsync(connection, groups, cancellationToken);
        try
        {
            return await InsertNewAsync(connection, groups, cancellationToken);
        }
        catch (PostgresException conflict) when (conflict.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            Volatile.Write(ref _batchesByMissing, BatchesAfterConflict);
            return await InsertMissingAsync(connection, groups, cancellationToken);
        }
    }

    private bool IsAfterConflict() => Volatile.Read(ref _batchesByMissing) > 0 && Interlocked.Decrement(ref _batchesByMissing) >= 0;

    private async Task<InsertedRows> InsertNewAsync(NpgsqlConnection connection, ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var insert = new NpgsqlBatchCommand(InsertNew);
        AddParameters(insert.Parameters, groups);
        batch.BatchCommands.Add(insert);
        batch.BatchCommands.Add(new(CreatedAt));
        await batch.PrepareAsync(cancellationToken);
        return new InsertedRows((DateTime)(await batch.ExecuteScalarAsync(cancellationToken))!, Ids: null);
    }

    private async Task<InsertedRows> InsertMissingAsync(NpgsqlConnection connection, ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertMissing, connection);
        AddParameters(command.Parameters, groups);
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (ids, createdAt) = (new HashSet<string>(groups.Count, StringComparer.Ordinal), default(DateTime));
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetString(0));
            createdAt = reader.GetDateTime(1);
        }

        return new InsertedRows(createdAt, ids);
    }

    // The statements are parsed and planned once a connection, not once a batch: PrepareAsync. Npgsql would prepare them by itself only after some uses.
    private void AddParameters(NpgsqlParameterCollection parameters, ArraySegment<SubmissionGroup> groups)
    {
        parameters.Add(Parameter.Array([.. groups.Select(g => g.Id)], NpgsqlDbType.Text));
        parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Item.SourceAccount)], NpgsqlDbType.Text));
        parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Item.DestinationAccount)], NpgsqlDbType.Text));
        parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Item.Amount)], NpgsqlDbType.Numeric));
        parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Item.Currency)], NpgsqlDbType.Text));
        parameters.Add(Parameter.Array([.. groups.Select(g => PublishTransactions.TraceParentOf(g.First.Trace))], NpgsqlDbType.Text));
        parameters.Add(Parameter.Interval(schedule.Value.RelayAfter));
    }
}

/// <summary>What a batch has inserted.</summary>
/// <param name="CreatedAt">When, by the database's clock; the same for all rows of a statement.</param>
/// <param name="Ids">Of the rows; null for all of the batch.</param>
internal sealed record InsertedRows(DateTime CreatedAt, HashSet<string>? Ids)
{
    /// <summary>Whether the batch has inserted this row; false when it was stored before.</summary>
    public bool Contains(string transactionId) => Ids is null || Ids.Contains(transactionId);
}
