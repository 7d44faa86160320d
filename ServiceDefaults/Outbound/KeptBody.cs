using System.Text;

namespace ServiceDefaults.Outbound;

/// <summary>The first 1 KiB of an answer's body. What was read stays when reading fails.</summary>
internal sealed class KeptBody
{
    /// <summary>How many bytes are kept. RFC 9110 sets no limit to an answer's length, so this does.</summary>
    public const int MaxBytes = 1024;

    // One byte more shows that the body goes on.
    private readonly byte[] _bytes = new byte[MaxBytes + 1];
    private int _length;

    /// <summary>Whether the body is longer than what is kept.</summary>
    public bool IsCut => _length > MaxBytes;

    /// <summary>
    /// As text: UTF-8, whatever the answer says. What is no UTF-8, and control characters but tab and line feed (PostgreSQL takes no U+0000, a terminal obeys
    /// U+001B), become U+FFFD. A character at the cut is left out.
    /// </summary>
    public string Text
    {
        get
        {
            var text = new char[MaxBytes];
            var length = Encoding.UTF8.GetDecoder().GetChars(_bytes.AsSpan(0, Math.Min(_length, MaxBytes)), text, flush: !IsCut);
            return Clean(new string(text, 0, length).Replace("\r\n", "\n", StringComparison.Ordinal));
        }
    }

    /// <summary>Text of somebody else's, without control characters but tab and line feed.</summary>
    public static string Clean(string text) => string.Create(text.Length, text, (clean, original) =>
    {
        for (var i = 0; i < clean.Length; i++) clean[i] = char.IsControl(original[i]) && original[i] is not ('\t' or '\n') ? '\uFFFD' : original[i];
    });

    /// <summary>Reads to the body's end, or until more was read than is kept.</summary>
    public async Task ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        while (!IsCut)
        {
            var read = await body.ReadAsync(_bytes.AsMemory(_length), cancellationToken);
            if (read == 0) return;
            _length += read;
        }
    }
}
