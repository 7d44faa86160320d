using System.Text;
using Faults.Hostile;
using Faults.Load;

namespace Faults.Access;

/// <summary>A request and the status that it must be answered with.</summary>
internal sealed record Ask(string What, int Status, byte[] Request);

/// <summary>Who is let in where: every way to show a credential, right and wrong, at the front door.</summary>
internal sealed class AccessTable(Credentials credentials, DateTimeOffset now)
{
    private const string Letters = "/admin/dead-letters";

    private int _ids;

    private string ByKey => $"X-API-Key: {credentials.Key}\r\n";

    private string ByAdminKey => $"X-API-Key: {credentials.AdminKey}\r\n";

    private string ByWrongKey => $"X-API-Key: {credentials.WrongKey}\r\n";

    public IReadOnlyList<Ask> Asks() => [.. Keys(), .. Signatures(), .. BrokenBodies(), .. Administration(), .. Reads()];

    /// <summary>While the database is away.</summary>
    public IReadOnlyList<Ask> AsksWithoutDatabase() =>
    [
        Webhook("a good webhook", 503, ByKey, body => credentials.Sign(credentials.NewestSecret, body, now)),
        new("a read", 503, Get("/v1/transactions/somebody", ByKey)), new("the list", 503, Get("/v1/transactions?limit=5", ByKey)),
        new("dead letters", 503, Get(Letters, ByAdminKey)), new("a redrive", 503, Post($"{Letters}/1/redrive", "", ByAdminKey)),
        new("a read with a wrong key", 401, Get("/v1/transactions/somebody", ByWrongKey)),
    ];

    /// <summary>Accepted now, and once.</summary>
    public Ask Good() => Webhook("a good webhook", 202, ByKey, body => credentials.Sign(credentials.NewestSecret, body, now));

    private IEnumerable<Ask> Keys()
    {
        var basic = Convert.ToBase64String(Encoding.ASCII.GetBytes($"x:{credentials.WrongKey}"));
        (string What, int Status, string Headers)[] rows =
        [
            ("a key", 202, ByKey), ("a bearer key", 202, $"Authorization: Bearer {credentials.Key}\r\n"), ("the admin key", 202, ByAdminKey),
            ("no key", 401, ""), ("an empty key", 401, "X-API-Key: \r\n"), ("a wrong key", 401, ByWrongKey), ("half a key", 401, ByKey[..^10] + "\r\n"),
            ("a wrong bearer key", 401, $"Authorization: Bearer {credentials.WrongKey}\r\n"), ("a key as a password", 401, $"Authorization: Basic {basic}\r\n"),
            ("the key twice", 401, ByKey + ByKey), ("a wrong key and the right one", 401, ByWrongKey + ByKey),
            ("the bearer key twice", 401, $"Authorization: Bearer {credentials.Key}\r\nAuthorization: Bearer {credentials.Key}\r\n"),
            ("two keys in one header", 401, $"X-API-Key: {credentials.Key}, {credentials.Key}\r\n"),
            ("a wrong key beside the right bearer", 401, $"{ByWrongKey}Authorization: Bearer {credentials.Key}\r\n"),
        ];
        foreach (var (what, status, headers) in rows)
            yield return Webhook(what, status, headers, body => credentials.Sign(credentials.NewestSecret, body, now));
    }

    private IEnumerable<Ask> Signatures()
    {
        (string What, int Status, Func<string, string> Sign)[] rows =
        [
            ("a signature by the secret that goes", 202, body => credentials.Sign(credentials.OldSecret, body, now)),
            ("no signature", 401, _ => ""), ("a signature by a former secret", 401, body => credentials.Sign(credentials.FormerSecret, body, now)),
            ("another body", 401, body => credentials.Sign(credentials.NewestSecret, body + " ", now)),
            ("signed 6 minutes ago", 401, body => credentials.Sign(credentials.NewestSecret, body, now.AddMinutes(-6))),
            ("signed in 6 minutes", 401, body => credentials.Sign(credentials.NewestSecret, body, now.AddMinutes(6))),
            ("its headers twice", 401, body => credentials.Sign(credentials.NewestSecret, body, now) is var headers ? headers + headers : ""),
            ("two different signatures", 401,
                body => credentials.Sign(credentials.FormerSecret, body, now) + credentials.Sign(credentials.NewestSecret, body, now)),
            ("another version", 401, body => credentials.Sign(credentials.NewestSecret, body, now).Replace("v1,", "v2,", StringComparison.Ordinal)),
        ];
        foreach (var (what, status, sign) in rows) yield return Webhook(what, status, ByKey, sign);
    }

    private IEnumerable<Ask> BrokenBodies()
    {
        (string What, int Status, string Body)[] rows =
        [
            ("half a body", 400, Sender.Body("half", 1)[..^9]), ("no JSON", 400, "<xml/>"), ("wrong types", 422, """{"transaction_id":7,"amount":[]}"""),
            ("a secret in a member's name", 422, $$"""{"{{credentials.WrongKey}}":1}"""),
            ("a secret where none belongs", 400, $$"""{"transaction_id":"{{credentials.WrongKey}}","amount":"""),
        ];
        foreach (var (what, status, body) in rows)
            yield return new(what, status, Post(Sender.Path, body, ByKey + credentials.Sign(credentials.NewestSecret, body, now)));
    }

    private IEnumerable<Ask> Administration() =>
    [
        new("the admin key", 200, Get(Letters, ByAdminKey)), new("a bearer admin key", 200, Get(Letters, $"Authorization: Bearer {credentials.AdminKey}\r\n")),
        new("no admin key", 401, Get(Letters)), new("an ordinary key", 403, Get(Letters, ByKey)), new("a wrong admin key", 401, Get(Letters, ByWrongKey)),
        new("the admin key of Development", 401, Get(Letters, "X-API-Key: development-admin-key-change-me\r\n")),
        new("the admin key twice", 401, Get(Letters, ByAdminKey + ByAdminKey)), new("an ordinary key and the admin key", 401, Get(Letters, ByKey + ByAdminKey)),
        new("redrive by an ordinary key", 403, Post($"{Letters}/1/redrive", "", ByKey)), new("redrive without a key", 401, Post($"{Letters}/1/redrive", "")),
        new("redrive of none", 404, Post($"{Letters}/1/redrive", "", ByAdminKey)),
        new("redrive with half a body", 400, Post($"{Letters}/redrive", "{", ByAdminKey)),
    ];

    private IEnumerable<Ask> Reads() =>
    [
        new("a read without a key", 401, Get("/v1/transactions/nobody")), new("a read with a wrong key", 401, Get("/v1/transactions/nobody", ByWrongKey)),
        new("a read", 404, Get("/v1/transactions/nobody", ByKey)), new("a list", 200, Get("/v1/transactions?limit=5", ByKey)),
        new("a wrong parameter", 422, Get("/v1/transactions?limit=x", ByKey)), new("a path that is not there", 404, Get("/nothing/here", ByKey)),
        new("health", 200, Get("/health")), new("the workers' health", 200, Get("/health/worker")),
        new("the API's document", 200, Get("/openapi.json")), new("a service's own document", 404, Get("/openapi/ingest.json")),
    ];

    private Ask Webhook(string what, int status, string headers, Func<string, string> sign)
    {
        var body = Sender.Body($"access_{_ids++}", 1);
        return new($"webhook with {what}", status, Post(Sender.Path, body, headers + sign(body)));
    }

    private static byte[] Post(string path, string body, string headers = "") => RawRequest.Post(path, Encoding.UTF8.GetBytes(body), headers);

    private static byte[] Get(string path, string headers = "") =>
        Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
}
