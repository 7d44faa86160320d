using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Receiver;

/// <summary>Something that happened.</summary>
/// <param name="Id">The webhook-id: the same whenever this event is sent.</param>
/// <param name="Type">Such as <c>charge.succeeded</c>.</param>
/// <param name="Sequence">Rises from each event of a resource to its next; null in the flat style.</param>
/// <param name="Data">The resource as it was then; in the flat style the whole payload.</param>
public sealed record WebhookEvent(string Id, string Type, long? Sequence, JsonElement Data)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The event of a request whose signature is right.</summary>
    /// <param name="body">The bytes as they came; JSON that was parsed and written again has another signature.</param>
    /// <param name="headers">The request's.</param>
    /// <param name="secrets">Keys by <see cref="ParseSecret"/>; a signature by any of them counts.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="WebhookException">It is not a webhook of ours.</exception>
    public static WebhookEvent Construct(byte[] body, IHeaderDictionary headers, IReadOnlyList<byte[]> secrets, DateTimeOffset now)
    {
        string id = $"{headers["webhook-id"]}", timestamp = $"{headers["webhook-timestamp"]}", signatures = $"{headers["webhook-signature"]}";
        if (id == "" || timestamp == "" || signatures == "")
            throw new WebhookException("webhook-id, webhook-timestamp or webhook-signature is missing");
        if (timestamp.Length > 12 || !timestamp.All(char.IsAsciiDigit))
            throw new WebhookException("webhook-timestamp must be whole seconds since 1970");
        if (Math.Abs(now.ToUnixTimeSeconds() - long.Parse(timestamp)) > Tolerance.TotalSeconds)
            throw new WebhookException($"webhook-timestamp is more than {Tolerance.TotalSeconds} s from this machine's time");

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var isValid = false;
        foreach (var key in secrets) // All of them, whichever is right: the time that it takes tells nothing.
        {
            var expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)));
            foreach (var signature in signatures.Split(' '))
                isValid |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), expected);
        }

        if (!isValid) throw new WebhookException("no signature is valid: is the secret this endpoint's, and the body as it came?");
        return Read(id, body);
    }

    /// <summary>The key of a secret, <c>whsec_</c> and base64.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static byte[] ParseSecret(string text)
    {
        const string Prefix = "whsec_";
        var key = new byte[text.Length];
        if (text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], key, out var length) && length >= 24)
            return key[..length];
        throw new FormatException("a secret is whsec_ and at least 24 bytes in base64: copy it as it was shown");
    }

    private static WebhookEvent Read(string id, byte[] body)
    {
        try
        {
            var payload = JsonElement.Parse(body);
            return payload.TryGetProperty("event_type", out var type)
                ? new(id, type.GetString()!, null, payload)
                : new(id, payload.GetProperty("type").GetString()!, payload.GetProperty("sequence").GetInt64(), payload.GetProperty("data"));
        }
        catch (JsonException)
        {
            throw new WebhookException("the body is not JSON");
        }
    }
}

/// <summary>Why a request is not a webhook of ours.</summary>
/// <param name="message">Nothing secret.</param>
public sealed class WebhookException(string message) : Exception(message);
