using System.ComponentModel;
using System.Text.Json.Serialization;
using Npgsql;

namespace Query.Api.DeadLetters;

/// <summary>A dead letter as an administrator sees it.</summary>
internal sealed record DeadLetterReply(
    [property: Description("Counts up. POST /admin/dead-letters/{id}/redrive sends it again.")] long Id,
    [property: Description("The topic it was read from, and to which a redrive sends it.")] string Topic,
    [property: Description("The partition it was read from.")] int Partition,
    [property: Description("Its offset there.")] long Offset,
    [property: Description("The record's own timestamp, UTC.")] DateTime RecordTimestamp,
    [property: Description("The record's key, at most its first 16 KiB; null when it had none or is no text.")] string? Key,
    [property: Description("Only when the key is no text (UTF-8 without NUL): its bytes."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? KeyBase64,
    [property: Description("The record's body, at most its first 16 KiB; null when it had none or is no text.")] string? Value,
    [property: Description("Only when the body is no text (UTF-8 without NUL): its bytes."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ValueBase64,
    [property: Description("How long the whole body is, in bytes; null when there is none.")] int? ValueBytes,
    [property: Description("Why: undecodable, or unknown_transaction, whose body is not kept.")] string Reason,
    [property: Description("Why, in one sentence.")] string Detail,
    [property: Description("When it was put aside, UTC.")] DateTime CreatedAt)
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        """
        id, topic, partition, "offset", record_timestamp, substring(key FROM 1 FOR 16384), length(key), substring(value FROM 1 FOR 16384), length(value),
        reason, detail, created_at
        """;

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":12,"topic":"transactions","partition":3,"offset":4711,"record_timestamp":"2024-01-15T10:30:00.123Z","key":"txn_abc123def456",
         "value":"{\"transaction_id\":\"txn_abc","value_bytes":26,"reason":"undecodable","detail":"The body is no transaction: expected end of string.",
         "created_at":"2024-01-15T10:30:00.130021Z"}
        """;

    /// <summary>The row that the reader stands on.</summary>
    public static DeadLetterReply Read(NpgsqlDataReader row)
    {
        var key = RecordText.Of(row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5), row.IsDBNull(6) ? 0 : row.GetInt32(6));
        var valueBytes = row.IsDBNull(8) ? (int?)null : row.GetInt32(8);
        var value = RecordText.Of(row.IsDBNull(7) ? null : row.GetFieldValue<byte[]>(7), valueBytes ?? 0);
        return new(
            row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetDateTime(4),
            key.Text, key.Base64, value.Text, value.Base64, valueBytes, row.GetString(9), row.GetString(10), row.GetDateTime(11));
    }
}
