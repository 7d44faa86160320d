using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sandbox.Callbacks;

namespace Sandbox.Stripe.Webhooks;

/// <summary>
/// Sends events to <c>/webhooks/stripe</c>, signed, until each is answered or given up (<see cref="PostUntilAnswered"/>). They go at the same time, so that
/// they may arrive in another order. When the process ends, so do those under way.
/// </summary>
internal sealed partial class SendStripeEvents(
    StripeEvents events, PostUntilAnswered post, IOptions<StripeOptions> options, TimeProvider clock, ILogger<SendStripeEvents> logger) : BackgroundService
{
    public const string Path = "/webhooks/stripe", SignatureHeader = "Stripe-Signature";

    private readonly ILogger _logger = logger;
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(options.Value.Secret);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var raised in events.Raised.ReadAllAsync(stoppingToken)) _ = SendAsync(raised, stoppingToken);
    }

    private async Task SendAsync(StripeEvent raised, CancellationToken stopping)
    {
        try
        {
            var url = PostUntilAnswered.UrlOf(options.Value.WebhookUrl!, Path);
            var body = JsonSerializer.SerializeToUtf8Bytes(raised, StripeJson.Wire.StripeEvent);
            await post.SendAsync($"event {raised.Id} ({raised.Type})", () => Signed(url, body), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process stops.
        }
        catch (Exception exception)
        {
            Broke(exception, raised.Id);
        }
    }

    // With the time of the attempt: a receiver refuses old signatures.
    private HttpRequestMessage Signed(Uri url, byte[] body)
    {
        var time = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(_secret, (byte[])[.. Encoding.ASCII.GetBytes(time), (byte)'.', .. body]);
        return new(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" } } },
            Headers = { { SignatureHeader, $"t={time},v1={Convert.ToHexStringLower(signature)}" } },
        };
    }

    [LoggerMessage(21, LogLevel.Error, "Event {EventId} ended with an unexpected error")]
    private partial void Broke(Exception exception, string eventId);
}
