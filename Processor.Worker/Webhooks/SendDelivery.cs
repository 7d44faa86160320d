using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Contracts;
using Data.Webhooks;
using Microsoft.Extensions.Options;
using ServiceDefaults.Outbound;

namespace Processor.Worker.Webhooks;

/// <summary>
/// Sends a claimed delivery once, signed by Standard Webhooks over the bytes that are sent. A retry sends the same body and <c>webhook-id</c> with a new
/// timestamp and signature. While the previous secret counts, both sign: a receiver has either.
/// </summary>
internal sealed class SendDelivery(HttpClient http, EndpointSecrets secrets, IOptions<OutboundOptions> outbound, TimeProvider clock)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly ProductInfoHeaderValue UserAgent = new("AspireWebhooks", "1.0");

    /// <summary>Sends it; throws nothing.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="known">The endpoint's secrets by their encrypted texts: decrypting takes longer than signing. Of one turn, which fills it.</param>
    public async Task<SendResult> RunAsync(ClaimedDelivery delivery, IDictionary<string, WebhookSecret> known)
    {
        try
        {
            using var request = NewRequest(delivery, known);
            return await SendOnce.RunAsync(http, request, outbound.Value.Timeout, clock, CancellationToken.None);
        }
        catch (CryptographicException exception)
        {
            return new() { Failure = new(SendFailureKind.InvalidRequest, $"not sent: its secret cannot be decrypted ({exception.Message}); rotate it") };
        }
    }

    private HttpRequestMessage NewRequest(ClaimedDelivery delivery, IDictionary<string, WebhookSecret> known)
    {
        var endpoint = delivery.Endpoint;
        var (id, timestamp) = (EventBody.IdOf(delivery.Event.Id), clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var body = EventBody.Of(delivery.Event, endpoint.PayloadStyle);
        WebhookSecret[] signs = endpoint.PreviousSecret is { } previous
            ? [Decrypted(endpoint.Secret, known), Decrypted(previous, known)]
            : [Decrypted(endpoint.Secret, known)];
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = new ByteArrayContent(body) { Headers = { ContentType = Json } } };
        request.Headers.Add(StandardWebhooks.IdHeader, id);
        request.Headers.Add(StandardWebhooks.TimestampHeader, timestamp);
        request.Headers.Add(StandardWebhooks.SignatureHeader, StandardWebhooks.Sign(signs, id, timestamp, body));
        request.Headers.UserAgent.Add(UserAgent);
        return request;
    }

    private WebhookSecret Decrypted(string stored, IDictionary<string, WebhookSecret> known)
    {
        if (known.TryGetValue(stored, out var secret)) return secret;
        return known[stored] = secrets.Unprotect(stored);
    }
}
