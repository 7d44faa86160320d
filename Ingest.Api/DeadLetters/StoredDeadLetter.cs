using System.Text;
using Contracts;
using Data.DeadLetters;
using Npgsql;

namespace Ingest.Api.DeadLetters;

/// <summary>A row of dead_letters, as far as sending it again needs.</summary>
internal sealed record StoredDeadLetter(long Id, string Topic, byte[]? Key, byte[]? Value, string Reason)
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = "id, topic, key, value, reason";

    /// <summary>Its body was never kept: it is made anew from the transaction's row, once that is there.</summary>
    public bool IsMadeFromRow => Reason == DeadLetterReason.UnknownTransaction && Value is null;

    /// <summary>Its key, when that can be a transaction_id.</summary>
    public string? TransactionId => Key is { Length: <= Ids.MaxLength } && Encoding.UTF8.GetString(Key) is var id && Ids.IsValid(id) ? id : null;

    /// <summary>With what the caller has repaired.</summary>
    public StoredDeadLetter With(Repair repair) => this with { Key = repair.Key ?? Key, Value = repair.Value ?? Value };

    /// <summary>The row that the reader stands on.</summary>
    public static StoredDeadLetter Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), Bytes(row, 2), Bytes(row, 3), row.GetString(4));

    private static byte[]? Bytes(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}
