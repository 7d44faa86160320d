using Data;
using Data.Transactions;
using Ingest.Api.Database;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.Transactions;

/// <summary>The statements of the intake: one insert for a whole batch, one look at what was there before.</summary>
internal sealed class InsertTransactions(NpgsqlDataSource database, IOptions<TransactionSchedule> schedule, StatementTime time)
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

    /// <summary>Inserts the first of each group. Returns created_at by id, for those that were not there yet.</summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time. What was inserted after all is found as a duplicate of itself.</exception>
    public Task<IReadOnlyDictionary<string, DateTime>> InsertAsync(ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken) =>
        time.InTimeWithTriesAsync(limit => InsertOnceAsync(groups, limit), cancellationToken); // Had the first try been committed after all, its rows are found as duplicates of themselves.

    /// <summary>What is stored under the groups' ids.</summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time.</exception>
    public Task<Dictionary<string, TransactionContent>> FindAsync(List<SubmissionGroup> groups, CancellationToken cancellationToken) =>
        time.InTimeAsync(limit => FindOnceAsync(groups, limit), cancellationToken);

    /// <summary>Does PostgreSQL answer in time?</summary>
    public async Task<bool> IsDatabaseThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await time.InTimeAsync(
                async limit =>
                {
                    await using var command = database.CreateCommand("SELECT 1");
                    return await command.ExecuteScalarAsync(limit) is not null;
                },
                cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // A name that is not known, a connection refused, a password changed, a time-out: there is nothing to be had.
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
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Content.SourceAccount)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Content.DestinationAccount)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Content.Amount)], NpgsqlDbType.Numeric));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.Content.Currency)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. groups.Select(g => g.First.TraceParent)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Interval(schedule.Value.RelayAfter));

        // Parsed and planned once a connection, not once a batch. Only this statement: its plan does not depend on how much the
        // table holds, whereas a plan kept from an empty table would read all of a full one.
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var inserted = new Dictionary<string, DateTime>(groups.Count, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken)) inserted.Add(reader.GetString(0), reader.GetDateTime(1));
        return inserted;
    }
}
