using Npgsql;

namespace Ingest.Api.DeadLetters;

/// <summary>A row of dead_letters, as far as sending it again needs.</summary>
internal sealed record StoredDeadLetter(long Id, string Topic, byte[]? Key, byte[]? Value, string Reason)
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = "id, topic, key, value, reason";

    /// <summary>With what the caller has repaired.</summary>
    public StoredDeadLetter With(Repair repair) => this with { Key = repair.Key ?? Key, Value = repair.Value ?? Value };

    /// <summary>The row that the reader stands on.</summary>
    public static StoredDeadLetter Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), Bytes(row, 2), Bytes(row, 3), row.GetString(4));

    private static byte[]? Bytes(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}
