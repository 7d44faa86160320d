using System.Globalization;
using System.Text;
using Contracts;

namespace Ingest.Api.Requests;

/// <summary>Text that only informs people (a description, a bank's reason): made fit to be stored instead of being refused.</summary>
internal static class JsonText
{
    /// <summary>
    /// A JSON string's text as <see cref="StoredText.Clean"/> makes it: <c>\u0000</c> is dropped, half of a surrogate pair becomes U+FFFD, and what is too long
    /// is cut. System.Text.Json's own GetString throws at such a half, which would lose the whole message.
    /// </summary>
    /// <param name="escaped">What stands between the quotes, in valid JSON.</param>
    /// <param name="maxLength">The longest result, in UTF-16 code units.</param>
    public static string Clean(ReadOnlySpan<byte> escaped, int maxLength = StoredText.MaxLength) => StoredText.Clean(Unescape(escaped), maxLength)!;

    /// <summary>The text with every escape replaced by its UTF-16 code unit, whether or not those are pairs.</summary>
    public static string Unescape(ReadOnlySpan<byte> escaped)
    {
        var text = new StringBuilder(escaped.Length);
        while (escaped.IndexOf((byte)'\\') is var backslash and >= 0)
        {
            text.Append(Encoding.UTF8.GetString(escaped[..backslash]));
            escaped = escaped[(backslash + 1)..];
            if (escaped[0] == 'u')
            {
                text.Append((char)ushort.Parse(escaped.Slice(1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                escaped = escaped[5..];
                continue;
            }

            text.Append((char)escaped[0] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var itself => itself });
            escaped = escaped[1..];
        }

        return text.Append(Encoding.UTF8.GetString(escaped)).ToString();
    }
}
