using System.Net;

namespace ServiceDefaults.Outbound;

/// <summary>
/// Sends one webhook and reads its answer, once: when it is tried again is the caller's. HTTP/1.1 alone: there an answer that is too long ends with its
/// connection, and holds up no other.
/// </summary>
public static class SendOnce
{
    private const string WebhookDelivery = "webhook-delivery";
    private const int MaxHeaderText = 100;

    /// <summary>
    /// Sends it. What goes wrong is in the result; nothing is thrown but for <paramref name="cancellationToken"/>, and for a request that was sent before.
    /// </summary>
    /// <param name="http">By <see cref="GuardedConnection.NewClient"/>.</param>
    /// <param name="request">The webhook. The caller disposes it.</param>
    /// <param name="limit">How long connecting, headers and body may take together: <see cref="OutboundOptions.Timeout"/>.</param>
    /// <param name="clock">Measures it.</param>
    /// <param name="cancellationToken">Breaks it off; the receiver may have the webhook then.</param>
    public static async Task<SendResult> RunAsync(
        HttpClient http, HttpRequestMessage request, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (UnfitHeader(request) is { } header)
            return new() { Failure = new(SendFailureKind.InvalidRequest, $"not sent: its header {header} has a line break or another control character") };
        (request.Version, request.VersionPolicy) = (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);

        // HttpClient.Timeout would not hold the body.
        using var time = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        var started = clock.GetTimestamp();
        var body = new KeptBody();
        HttpResponseMessage? response = null;
        SendFailure? failure = null;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            await body.ReadAsync(await response.Content.ReadAsStreamAsync(both.Token), both.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            failure = time.IsCancellationRequested
                ? SendFailures.OfTimeout((int?)response?.StatusCode, limit)
                : SendFailures.Of(exception, (int?)response?.StatusCode);
        }
        finally
        {
            response?.Dispose(); // Ends the connection when the body goes on.
        }

        return Result(response, body, failure, clock.GetElapsedTime(started), clock.GetUtcNow());
    }

    private static SendResult Result(HttpResponseMessage? response, KeptBody body, SendFailure? failure, TimeSpan duration, DateTimeOffset now) =>
        response is null ? new() { Duration = duration, Failure = failure } : new()
        {
            Status = (int)response.StatusCode,
            Duration = duration,
            Body = body.Text,
            IsBodyCut = body.IsCut,
            RetryAfter = response.RetryAfterFrom(now),
            WebhookDelivery = WebhookDeliveryOf(response),
            Failure = failure,
        };

    // TryAddWithoutValidation takes a value with a line break, which is written as it is: the rest would be a header of its own, or a second request.
    private static string? UnfitHeader(HttpRequestMessage request)
    {
        foreach (var (name, values) in request.Headers.NonValidated.Concat(request.Content?.Headers.NonValidated ?? default))
            foreach (var value in values)
                if (value.Any(c => char.IsControl(c) && c != '\t')) return name;
        return null;
    }

    private static string? WebhookDeliveryOf(HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.TryGetValues(WebhookDelivery, out var values)) return null;
        var text = KeptBody.Clean($"{values}".Trim());
        return text.Length <= MaxHeaderText ? text : text[..MaxHeaderText];
    }
}
