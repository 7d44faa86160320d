using Contracts;
using Npgsql;

namespace Processor.Worker.DeadLetters;

/// <summary>The row of a dead letter; again is nothing.</summary>
internal static class InsertDeadLetter
{
    private const string Sql =
        """
        INSERT INTO dead_letters (topic, partition, "offset", record_timestamp, key, value, reason, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (topic, partition, "offset", record_timestamp) DO NOTHING
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
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Origin.Topic });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = record.Origin.Partition });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = record.Origin.Offset });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = record.Timestamp });
        command.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = record.Key });
        command.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = record.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Reason });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StoredText.Clean(record.Detail)! });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
