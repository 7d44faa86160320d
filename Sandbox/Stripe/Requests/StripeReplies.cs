using System.Text.Json;
using Sandbox.Requests;

namespace Sandbox.Stripe.Requests;

/// <summary>What goes back to the client.</summary>
internal static class StripeReplies
{
    public const string KeyHeader = "Idempotency-Key", ReplayedHeader = "Idempotent-Replayed";

    private const string IdHeader = "Request-Id", OriginalHeader = "Original-Request";
    private const string Page =
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>"
        + "\r\n</html>\r\n";

    public static readonly StripeAnswer InternalError =
        StripeAnswer.Failed(StatusCodes.Status500InternalServerError, new(StripeError.Api, "An unknown error occurred"));

    private static readonly StripeAnswer TooMany = StripeAnswer.Failed(
        StatusCodes.Status429TooManyRequests,
        new(StripeError.InvalidRequest, "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.")
        { Code = "rate_limit" });

    private static readonly StripeAnswer Unavailable = StripeAnswer.Failed(
        StatusCodes.Status503ServiceUnavailable,
        new(StripeError.Api, "Stripe is not available at the moment. Nothing was done; try again shortly."));

    public static StripeAnswer InUse(string key) => StripeAnswer.Failed(
        StatusCodes.Status409Conflict,
        new(StripeError.InvalidRequest,
            $"There is currently another in-progress request using this Stripe Idempotent Key (that probably means you submitted twice, and the other "
            + $"request is still going through): {key}. Please try again later.")
        { Code = "idempotency_key_in_use" });

    public static StripeAnswer OtherRequest(string key) => StripeAnswer.Failed(
        StatusCodes.Status400BadRequest,
        new(StripeError.Idempotency,
            $"Keys for idempotent requests can only be used for the same endpoint and with the same parameters they were first used with. Try using a key "
            + $"other than '{key}' if you meant to execute a different request."));

    /// <summary>Sends an answer.</summary>
    /// <param name="http">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="key">Its Idempotency-Key, if any.</param>
    /// <param name="original">The id of the request that got this answer first, when it is one from before.</param>
    public static async Task SendAsync(HttpContext http, StripeAnswer answer, string id, string? key = null, string? original = null)
    {
        var response = http.Response;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json";
        response.Headers[IdHeader] = id;

        // The server closes the connection of a body that it does not read to its end. A client that is not told sends its next request on it.
        if (answer.Status == StatusCodes.Status413PayloadTooLarge) response.Headers.Connection = "close";
        if (key is not null) response.Headers[KeyHeader] = key;
        if (original is not null)
        {
            response.Headers[ReplayedHeader] = "true";
            response.Headers[OriginalHeader] = original;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(answer.Body, answer.Body.GetType(), StripeJson.Wire);
        response.ContentLength = json.Length;
        await response.Body.WriteAsync(json, http.RequestAborted);
    }

    /// <summary>Refuses before anything is done, as the behaviour says.</summary>
    public static async Task RefuseAsync(HttpContext http, string behaviour, string id)
    {
        switch (behaviour)
        {
            case StripeBehaviourName.RateLimited:
                http.Response.Headers.RetryAfter = "1";
                await SendAsync(http, TooMany, id);
                break;
            case StripeBehaviourName.BadGateway:
                http.Response.StatusCode = StatusCodes.Status502BadGateway;
                http.Response.ContentType = "text/html";
                await http.Response.WriteAsync(Page, http.RequestAborted);
                break;
            default:
                await SendAsync(http, Unavailable, id);
                break;
        }
    }

    /// <summary>Sends nothing, until the client hangs up.</summary>
    public static Task HangAsync(HttpContext http) => new NoAnswer().ExecuteAsync(http);
}
