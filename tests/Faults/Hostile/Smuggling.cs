using System.Text;

namespace Faults.Hostile;

/// <summary>
/// Requests that two parsers might cut at different places (RFC 9112, 11.2): behind each stands a second request, which must never be answered
/// as one of its own. (Not here: <c>Content-Length: +5</c>, which Kestrel takes for 5; docs/reliability.md.)
/// </summary>
internal static class Smuggling
{
    private const string Second = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\r\n";

    public static IEnumerable<byte[]> Requests()
    {
        string[] framings =
        [
            $"Content-Length: {Second.Length + 5}\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding : chunked\r\n",
            " Transfer-Encoding: chunked\r\n", "X: a\nTransfer-Encoding: chunked\r\n", "X: a\r\n\tTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n", "Content-Length: 0x5\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n",
        ];
        foreach (var framing in framings)
            yield return Encoding.Latin1.GetBytes(
                $"POST /v1/webhooks/transactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{framing}\r\n0\r\n\r\n{Second}");
    }
}
