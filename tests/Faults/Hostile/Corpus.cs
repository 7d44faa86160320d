using System.Text;
using Faults.Load;

namespace Faults.Hostile;

/// <summary>What nobody means well by: written down, and grown from that by chance.</summary>
internal static class Corpus
{
    private static readonly string[] Values =
    [
        "null", "true", "[]", "{}", "\"\"", "0", "-1", "1e999999999", "1e-999999999", "0.1e1", "NaN", "Infinity", "99999999999999999999999999999",
        "1.00001", "\"1e3\"", "\" 1\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\u0000b\"", "\"ünïcödé\"",
        "\"'; DROP TABLE transactions; --\"", "\"${jndi:ldap://x}\"", "\"../../etc/passwd\"", "\"<script>alert(1)</script>\"", "\"%00\"", "\"\\\\\"", "\"\t\"",
        "[[[[[]]]]]", "{\"a\":{\"b\":{}}}", "\"usd \"", "\"XXX\"", "\"€\"", "'single'", "undefined", "0x10", "+1", ".5", "5.",
    ];

    private static readonly string[] Members = ["transaction_id", "source_account", "destination_account", "amount", "currency"];

    private static readonly string[] Segments =
    [
        "%00", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5c", "%ff%fe", "%", "%2", "%zz", "%c0%af", "a%0d%0aX-Injected:%201", "'%20OR%201=1--",
        "%F0%9F%98%80", new string('a', 129), new string('a', 4000),
        ";id", "a;b=c", "*", "{id}", "~", "a%20b", "null", "%u0041", "\\", "a/b", "//", "/./", "/../", "?", "#", "[::1]", "@evil",
    ];

    private static readonly string[] Queries =
    [
        "status=", "status=NONSENSE", "status=PROCESSED&status=FAILED", "limit=0", "limit=-1", "limit=99999999999999999999", "limit=1e3", "limit=abc",
        "cursor=AAAA", "cursor=%00", "cursor=../..", "created_from=yesterday", "created_from=9999-99-99", "created_from=0001-01-01T00:00:00Z",
        "created_to=99999-01-01T00:00:00Z", "account=%00", "account='%20OR%201=1--", "account=%ff",
        "limit[]=1", "limit=%31", "&&&&", "=", "=&=", "a=b&a=c&a=d", "cursor=" + "A",
    ];

    private static readonly string[] Headers =
    [
        "User-Agent", "Cookie", "Authorization", "X-API-Key", "X-Request-ID", "Idempotency-Key", "Content-Type", "Content-Encoding", "Accept",
        "Accept-Encoding", "Origin", "Referer", "traceparent", "tracestate", "baggage", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Expect",
        "Upgrade", "TE", "If-None-Match", "Range", "webhook-id", "Host",
    ];

    private static readonly string[] HeaderValues =
    [
        "", "\u00C3\u00A9", "\u00E9", "\u0080\u00FF", "a\u0001b", "a\u007Fb", "a\0b", "a\rb", "a\tb", "\u00F0\u009F\u0098\u0080", "\u00ED\u00A0\u0080",
        "%0d%0aX-Injected:%201", "\"", ",,,", "=;=;", "*",
        new string('a', 9_000), new string('\u00E9', 40_000), "a\r\nCookie: \u00E9", "${jndi:ldap://x}",
    ];

    /// <summary>Values for the header of a webhook or a read, each in each header: bytes of other encodings, control characters, too long ones.</summary>
    public static IEnumerable<(string Name, string Value)> HeaderLines() => from name in Headers from value in HeaderValues select (name, value);

    /// <summary>Bodies for a webhook: each value in each member, shapes that are no object, and a few hundred mutations.</summary>
    public static IEnumerable<byte[]> Bodies(Random random, int grown)
    {
        var good = Sender.Body("hostile", 1);
        foreach (var member in Members)
        {
            foreach (var value in Values) yield return Encoding.UTF8.GetBytes(With(member, value));
        }

        foreach (var value in Values) yield return Encoding.UTF8.GetBytes(value);
        yield return [];
        yield return [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(good)];
        yield return Encoding.Unicode.GetBytes(good);
        yield return [0xFF, 0xFE, 0xC0, 0x80];
        yield return Encoding.UTF8.GetBytes(new string('[', 8_000));
        yield return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 2_000)));
        yield return Encoding.UTF8.GetBytes(good + good);
        yield return Encoding.UTF8.GetBytes(good + new string(' ', 20_000));
        yield return new byte[10 * 1024 * 1024];
        yield return Encoding.UTF8.GetBytes(With("transaction_id", $"\"{new string('a', 15_000)}\""));
        for (var i = 0; i < grown; i++) yield return Mutated(Encoding.UTF8.GetBytes(good), random);
    }

    public static IEnumerable<string> Paths(Random random, int grown)
    {
        string[] roots = ["/v1/transactions/", "/v1/transactions", "/v1/webhooks/transactions/", "/health/", "/openapi/", "/docs/", "/"];
        foreach (var root in roots)
        {
            foreach (var segment in Segments) yield return root + segment;
        }

        foreach (var query in Queries) yield return $"/v1/transactions?{query}";
        for (var i = 0; i < grown; i++)
        {
            var bytes = new byte[random.Next(1, 60)];
            random.NextBytes(bytes);
            yield return roots[random.Next(roots.Length)] + (random.Next(2) == 0 ? "" : "?cursor=")
                + string.Concat(bytes.Select(b => random.Next(3) == 0 && b is > 32 and < 127 ? ((char)b).ToString() : $"%{b:x2}"));
        }
    }

    private static string With(string member, string value) =>
        "{" + string.Join(',', Members.Select(m =>
            $"\"{m}\":{(m == member ? value : m == "amount" ? "1" : m == "currency" ? "\"USD\"" : "\"hostile\"")}")) + "}";

    private static byte[] Mutated(byte[] body, Random random)
    {
        var bytes = body.ToList();
        for (var times = random.Next(1, 6); times > 0 && bytes.Count > 1; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, random.Next(bytes.Count - at)); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(at, random.Next(Math.Min(40, bytes.Count - at)))); break;
                default: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)])); break;
            }
        }

        return [.. bytes];
    }
}
