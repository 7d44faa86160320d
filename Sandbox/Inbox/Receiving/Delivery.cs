using System.Text;
using System.Text.Json;
using Contracts;

namespace Sandbox.Inbox.Receiving;

/// <summary>A delivery as it came.</summary>
/// <param name="Id">Its webhook-id, or null.</param>
/// <param name="Timestamp">Its webhook-timestamp, as it was sent, or null.</param>
/// <param name="ReceivedAt">When its body had been read.</param>
/// <param name="Headers">All headers, name and value.</param>
/// <param name="Body">The bytes of the body.</param>
/// <param name="Verified">What <see cref="DeliveryVerification"/> says.</param>
internal sealed record ReceivedDelivery(
    string? Id, string? Timestamp, DateTimeOffset ReceivedAt, KeyValuePair<string, string>[] Headers, byte[] Body, string Verified)
{
    /// <summary>About the memory that it takes.</summary>
    public long Bytes { get; } = Body.Length + Headers.Sum(header => 2L * (header.Key.Length + header.Value.Length));
}

/// <summary>A delivery that an inbox keeps.</summary>
/// <param name="Received">As it came.</param>
/// <param name="Attempt">The how-manieth it is of its webhook-id; 1 without an id.</param>
/// <param name="ResponseStatus">The HTTP status that it was answered with; null: the connection was closed.</param>
internal sealed record Delivery(ReceivedDelivery Received, int Attempt, int? ResponseStatus)
{
    /// <summary>
    /// The event's type: the member <c>type</c>, or <c>event_type</c> of the flat style. Null when there is none, or the body is no JSON object. Read each
    /// time: only who looks pays for it, not the sender.
    /// </summary>
    public string? ReadType()
    {
        try
        {
            var json = new Utf8JsonReader(Received.Body);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isType = json.ValueTextEquals("type"u8) || json.ValueTextEquals("event_type"u8);
                json.Read();
                if (isType && json.TokenType == JsonTokenType.String) return json.GetString();
                json.Skip();
            }

            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // No JSON, or a string that is no text.
        }
    }

    /// <summary>The body as text; what is not UTF-8 becomes U+FFFD.</summary>
    public string ReadText() => Encoding.UTF8.GetString(Received.Body);
}

/// <summary>Whether a delivery is signed, by Standard Webhooks.</summary>
internal static class DeliveryVerification
{
    public const string Verified = "verified", NoSecret = "no secret given";

    private const string Not = "not verified: ";

    /// <summary>The largest distance between a delivery's timestamp and now, as the specification's libraries have it.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private static readonly string[] Headers = [StandardWebhooks.IdHeader, StandardWebhooks.TimestampHeader, StandardWebhooks.SignatureHeader];

    /// <summary><c>verified</c>, <c>not verified: </c> and why, or <c>no secret given</c>.</summary>
    /// <param name="secrets">A signature by any of them is valid.</param>
    /// <param name="headers">Of the delivery.</param>
    /// <param name="body">The bytes that were received.</param>
    /// <param name="now">The receiver's time.</param>
    public static string Of(IReadOnlyList<WebhookSecret> secrets, IHeaderDictionary headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (secrets.Count == 0) return NoSecret;
        foreach (var name in Headers)
        {
            if (headers[name].ToString() == "") return $"{Not}the header {name} is missing";
        }

        var result = StandardWebhooks.Verify(
            secrets, headers[StandardWebhooks.IdHeader].ToString(), headers[StandardWebhooks.TimestampHeader].ToString(),
            headers[StandardWebhooks.SignatureHeader].ToString(), body, now, Tolerance);
        return result switch
        {
            WebhookVerification.Valid => Verified,
            WebhookVerification.MalformedTimestamp => $"{Not}webhook-timestamp is not a whole number of seconds since 1970",
            WebhookVerification.OutsideTolerance => $"{Not}webhook-timestamp is more than 5 minutes from the receiver's time",
            _ => $"{Not}no signature in webhook-signature matches under the secrets given",
        };
    }
}
