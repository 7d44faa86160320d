using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Data;
using Npgsql;

namespace Query.Api.Search;

/// <summary>An answer that is stored under an Idempotency-Key.</summary>
/// <param name="Route">Method and route of the request, with the values of the route.</param>
/// <param name="Caller">Whose request it was: a user, a customer's portal link, admin or api.</param>
/// <param name="Status">The HTTP status that was answered.</param>
/// <param name="Made">What it made; null where that is not known, or nothing.</param>
internal sealed record KeyedReply(string Route, string Caller, int Status, Lookup? Made);

/// <summary>Finds what was made under an Idempotency-Key, by the answer that is stored for a repeat.</summary>
internal static class KeyedReplies
{
    /// <summary>A key is a caller's own: others, and other routes, may have the same.</summary>
    private const int MaxRows = 20;

    // The body only where it is needed. One that is sealed, because it has a secret, is no JSON; what it made is in its location.
    private const string Sql =
        """
        SELECT scope, status, location, CASE WHEN location IS NULL AND status BETWEEN 200 AND 299 THEN body END
        FROM idempotency_keys WHERE key = $1 AND expires_at > now() LIMIT $2
        """;

    /// <summary>The routes whose POST makes one thing, by their pattern.</summary>
    private static readonly FrozenDictionary<string, string> Makers = new Dictionary<string, string>
    {
        ["/api/v1/deposits"] = HitKind.Payment,
        ["/api/v1/withdrawals"] = HitKind.Payment,
        ["/api/v1/users"] = HitKind.User,
        ["/wallets"] = HitKind.Wallet,
        ["/charges"] = HitKind.Charge,
        ["/charges/{id}/refunds"] = HitKind.Refund,
        ["/installments/orders"] = HitKind.Order,
        ["/webhooks/endpoints"] = HitKind.Endpoint,
        ["/webhooks/endpoints/{id}/test"] = HitKind.Delivery,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static NpgsqlBatchCommand ToCommand(string key) =>
        new(Sql) { Parameters = { Parameter.Text(key), new NpgsqlParameter<int> { TypedValue = MaxRows } } };

    /// <summary>The row that the reader stands on.</summary>
    public static KeyedReply Read(NpgsqlDataReader row)
    {
        // Caller, method, route and its values; no part has a space.
        var parts = row.GetString(0).Split(' ');
        var (caller, route) = (parts[0], string.Join(' ', parts[1..]));
        var id = IdOf(row.TextOrNull(2), row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3));
        var made = id is not null && parts.Length > 2 && Makers.TryGetValue(parts[2].TrimEnd('/'), out var kind) ? Lookup.Of(kind, id) : null;
        return new(route, caller, row.GetInt32(1), made is null ? null : made with { FoundBy = FoundBy.IdempotencyKey });
    }

    // Of /api/v1/users/5/balance the 5.
    private static string? IdOf(string? location, byte[]? body) =>
        location is not null ? location.Split('/').LastOrDefault(IsId) : body is null ? null : IdIn(body);

    private static bool IsId(string text) =>
        Guid.TryParseExact(text, "D", out _) || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string? IdIn(byte[] body)
    {
        try
        {
            var reply = JsonElement.Parse(body);
            return reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty("id", out var id) ? id.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
