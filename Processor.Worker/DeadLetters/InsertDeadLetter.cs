using Contracts;
using Data.Notices;
using Npgsql;

namespace Processor.Worker.DeadLetters;

/// <summary>The row of a dead letter, and with it the notice to operators; again is nothing.</summary>
internal static class InsertDeadLetter
{
    private const string Sql =
        """
        INSERT INTO dead_letters (topic, partition, "offset", record_timestamp, key, value, reason, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (topic, partition, "offset", record_timestamp) DO NOTHING
        RETURNING 1
        """;

    /// <summary>As a statement of its own.</summary>
    public static async Task RunAsync(NpgsqlDataSource database, DeadRecord record, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await RunAsync(connection, record, cancellationToken);
    }

    /// <summary>In the caller's transaction, if there is one.</summary>
    public static async Task RunAsync(NpgsqlConnection connection, DeadRecord record, CancellationToken cancellationToken)
    {
        NpgsqlParameter[] row =
        [
            new NpgsqlParameter<string> { TypedValue = record.Origin.Topic },
            new NpgsqlParameter<int> { TypedValue = record.Origin.Partition },
            new NpgsqlParameter<long> { TypedValue = record.Origin.Offset },
            new NpgsqlParameter<DateTime> { TypedValue = record.Timestamp },
            new NpgsqlParameter<byte[]?> { TypedValue = record.Key },
            new NpgsqlParameter<byte[]?> { TypedValue = record.Value },
            new NpgsqlParameter<string> { TypedValue = record.Reason },
            new NpgsqlParameter<string> { TypedValue = StoredText.Clean(record.Detail)! },
        ];
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { RaiseNotice.After(Sql, row, DeadLetterNotice.Of(record)) } };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
