using System.Buffers;
using System.ComponentModel;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Data.DeadLetters;

namespace Query.Api.DeadLetters;

/// <summary>A dead letter as an administrator sees it.</summary>
[DisplayName("DeadLetter")]
internal sealed record DeadLetterReply(
    [property: Description("Counts up. POST /admin/dead-letters/{id}/redrive sends it again.")] long Id,
    [property: Description("The topic it was read from, and to which a redrive sends it.")] string Topic,
    [property: Description("The partition it was read from.")] int Partition,
    [property: Description("Its offset there.")] long Offset,
    [property: Description("The record's own timestamp, UTC.")] DateTime RecordTimestamp,
    [property: Description("The record's key, at most its first 16 KiB; null when it had none or is no text.")] string? Key,
    [property: Description("Only when the key is no text (UTF-8 without NUL): its bytes."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? KeyBase64,
    [property: Description("The record's body, at most its first 16 KiB; null when it had none or is no text.")] string? Value,
    [property: Description("Only when the body is no text (UTF-8 without NUL): its bytes."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? ValueBase64,
    [property: Description("How long the whole body is, in bytes; null when there is none.")] int? ValueBytes,
    [property: Description("Why: undecodable, or unknown_transaction, whose body is not kept.")] string Reason,
    [property: Description("Why, in one sentence.")] string Detail,
    [property: Description("When it was put aside, UTC.")] DateTime CreatedAt)
{
    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":12,"topic":"transactions","partition":3,"offset":4711,"record_timestamp":"2024-01-15T10:30:00.123Z","key":"txn_abc123def456",
         "value":"{\"transaction_id\":\"txn_abc","value_bytes":26,"reason":"undecodable","detail":"The body is no transaction: expected end of string.",
         "created_at":"2024-01-15T10:30:00.130021Z"}
        """;

    /// <summary>Shows a dead letter.</summary>
    /// <param name="letter">The row, without its key and value.</param>
    /// <param name="key">The first bytes of the key.</param>
    /// <param name="keyBytes">The length of the whole key.</param>
    /// <param name="value">The first bytes of the value.</param>
    /// <param name="valueBytes">The length of the whole value.</param>
    public static DeadLetterReply Of(DeadLetter letter, byte[]? key, int? keyBytes, byte[]? value, int? valueBytes)
    {
        var (shownKey, shownValue) = (RecordText.Of(key, keyBytes), RecordText.Of(value, valueBytes));
        return new(
            letter.Id, letter.Topic, letter.Partition, letter.Offset, letter.RecordTimestamp.UtcDateTime,
            shownKey.Text, shownKey.Base64, shownValue.Text, shownValue.Base64, valueBytes, letter.Reason, letter.Detail, letter.CreatedAt.UtcDateTime);
    }
}

/// <summary>
/// Bytes of a record as JSON can show them: as text when they are UTF-8 without NUL, otherwise in base64. Both are null when there are no bytes.
/// </summary>
/// <param name="Text">The bytes as UTF-8, when they are that and have no NUL.</param>
/// <param name="Base64">The bytes otherwise.</param>
internal readonly record struct RecordText(string? Text, string? Base64)
{
    /// <summary>Shows <paramref name="bytes"/>, the first of <paramref name="wholeLength"/>. A character that the cut split is left out.</summary>
    public static RecordText Of(byte[]? bytes, int? wholeLength)
    {
        if (bytes is null) return default;
        var characters = new char[bytes.Length];
        var read = Utf8.ToUtf16(bytes, characters, out _, out var length, replaceInvalidSequences: false, isFinalBlock: bytes.Length == wholeLength);
        var isText = read is OperationStatus.Done or OperationStatus.NeedMoreData && !characters.AsSpan(0, length).Contains('\0');
        return isText ? new(new string(characters, 0, length), null) : new(null, Convert.ToBase64String(bytes));
    }
}
