using System.Buffers;
using System.Text.Unicode;

namespace Query.Api.DeadLetters;

/// <summary>Bytes of a record as JSON can show them: as text where they are some, else in base64. Both null: there are none.</summary>
/// <param name="Text">The bytes as UTF-8, when they are that and have no NUL.</param>
/// <param name="Base64">The bytes otherwise.</param>
internal readonly record struct RecordText(string? Text, string? Base64)
{
    /// <summary>Shows <paramref name="bytes"/>, the first of <paramref name="wholeLength"/>: a character that was cut in two does not make it rubbish.</summary>
    public static RecordText Of(byte[]? bytes, int wholeLength)
    {
        if (bytes is null) return default;
        var characters = new char[bytes.Length];
        var read = Utf8.ToUtf16(bytes, characters, out _, out var length, replaceInvalidSequences: false, isFinalBlock: bytes.Length == wholeLength);
        var isText = read is OperationStatus.Done or OperationStatus.NeedMoreData && !characters.AsSpan(0, length).Contains('\0');
        return isText ? new(new string(characters, 0, length), null) : new(null, Convert.ToBase64String(bytes));
    }
}
