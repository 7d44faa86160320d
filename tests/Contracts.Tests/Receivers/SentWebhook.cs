using System.Globalization;
using System.Net;
using Data.Webhooks;

namespace Contracts.Tests.Receivers;

/// <summary>A webhook as the worker sends it: the bytes of <see cref="EventBody"/>, signed by <see cref="StandardWebhooks"/>.</summary>
internal sealed record SentWebhook(string Id, string Timestamp, string Signature, byte[] Body)
{
    /// <summary>Characters of one to four bytes in UTF-8, some that JSON escapes, and line ends that JavaScript once had no string with.</summary>
    public const string Unicode = "Müller & Söhne \"東京\" 🗝 e\u0301 \u2028 </script>";

    /// <summary>An event as the worker has fanned it out.</summary>
    public static WebhookEvent Event(string type = WebhookEvents.ChargeSucceeded, long sequence = 1, string? resource = null)
    {
        var id = resource ?? $"{Guid.NewGuid()}";
        return new()
        {
            Id = Guid.CreateVersion7(),
            Type = type,
            ResourceId = id,
            Sequence = sequence,
            CreatedAt = DateTimeOffset.UtcNow,
            Data = type.StartsWith("transaction.", StringComparison.Ordinal)
                ? $$"""{"transaction_id":"{{id}}","amount":"1500.00","currency":"INR","status":"PROCESSED"}"""
                : $$"""
                  {"id":"{{id}}","customer_id":"cust_42","amount":130.00,"currency":"USD","status":"succeeded","payment_method":"card",
                   "external_charge_id":"pi_1","split_instructions":[{"destination":"acct_1","percent":100}],
                   "metadata":{"note":{{WireText(Unicode)}}},"installment_id":null,"installment_order_id":null,"created_at":"2026-01-15T10:30:00Z"}
                  """,
        };
    }

    public static SentWebhook Of(
        WebhookEvent happened, WebhookSecret[] secrets, string style = PayloadStyle.Envelope, TimeSpan late = default, string? timestamp = null)
    {
        timestamp ??= (DateTimeOffset.UtcNow - late).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var (id, body) = (EventBody.IdOf(happened.Id), EventBody.Of(happened, style));
        return new(id, timestamp, StandardWebhooks.Sign(secrets, id, timestamp, body), body);
    }

    /// <summary>Sends it; returns the answer's status and text.</summary>
    public async Task<(HttpStatusCode Status, string Text)> PostAsync(HttpClient http, Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add(StandardWebhooks.IdHeader, Id);
        request.Headers.Add(StandardWebhooks.TimestampHeader, Timestamp);
        if (Signature != "") request.Headers.Add(StandardWebhooks.SignatureHeader, Signature);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static string WireText(string text) => System.Text.Json.JsonSerializer.Serialize(text, WireJson.Options());
}
