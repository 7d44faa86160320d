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
    private const string Insert =
        """
        INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, traceparent, next_publish_at)
        SELECT id, source, destination, amount, currency, traceparent, now() + $7
        FROM unnest($1, $2, $3, $4, $5, $6) AS batch (id, source, destination, amount, currency, traceparent)
        ON CONFLICT (transaction_id) DO NOTHING
        RETURNING transaction_id, created_at
        """;

    private const string Find =
        "SELECT transaction_id, source_account, destination_account, amount, currency FROM transactions WHERE transaction_id = ANY ($1)";

    private const string IsWritable = "SELECT current_setting('transaction_read_only') = 'off'";

    /// <summary>
    /// Inserts the first of each group. Returns created_at by id, for those that were not there yet. Repeatable: rows that a try has committed without our
    /// knowing are found as duplicates of themselves.
    /// </summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time. The rows may be inserted.</exception>
    public Task<IReadOnlyDictionary<string, DateTime>> InsertAsync(ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken) =>
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

    private async Task<IReadOnlyDictionary<string, DateTime>> InsertOnceAsync(ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Insert, connection);
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.Id)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Item.SourceAccount)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Item.DestinationAccount)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Item.Amount)], NpgsqlDbType.Numeric));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Item.Currency)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => PublishTransactions.TraceParentOf(g.First.Trace))], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Interval(schedule.Value.RelayAfter));

        // Parsed and planned once a connection, not once a batch. Npgsql would prepare it by itself only after some uses.
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var inserted = new Dictionary<string, DateTime>(groups.Count, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken)) inserted.Add(reader.GetString(0), reader.GetDateTime(1));
        return inserted;
    }
}
