using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Requests;

namespace ServiceDefaults.Problems;

/// <summary>
/// Turns what endpoints leave open into a <see cref="Problem"/>: an exception, or a bare status from routing or authentication.
/// A database that cannot answer is a 503 that may be tried again (<see cref="DatabaseFaults"/>), everything unforeseen a 500 that names only the trace id.
/// </summary>
public sealed partial class ProblemResponses(RequestDelegate next, ILogger<ProblemResponses> logger)
{
    private const string RepeatWithKey =
        "The connection to the database broke while this was being stored, so it is not known whether it was carried out. Send the same request again with the "
        + "same Idempotency-Key: it is carried out once, and you get its answer.";

    private const string LookFirst =
        "The connection to the database broke while this was being stored, so it is not known whether it was carried out. Look before you send it again, "
        + "and send an Idempotency-Key next time: a request with a key can be repeated safely.";

    private readonly ILogger _logger = logger;

    /// <summary>Runs the rest of the pipeline and answers what it leaves open.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // The caller has disconnected, and no answer can be sent.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            Clear(context.Response);
            await OfException(exception).ExecuteAsync(context);
            return;
        }

        if (!IsBare(context.Response)) return;
        if (context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed) HeadRequests.Announce(context.Response);
        await OfStatus(context.Response.StatusCode, context.Request).ExecuteAsync(context);
    }

    /// <summary>
    /// Removes what an endpoint that failed has set on its response, such as an ETag, an encoding or cookies. The request id stays.
    /// </summary>
    public static void Clear(HttpResponse response)
    {
        var requestId = response.Headers[RequestIds.Header];
        response.Clear();
        response.Headers[RequestIds.Header] = requestId;
    }

    private static bool IsBare(HttpResponse response) =>
        response.StatusCode >= 400 && !response.HasStarted && response.ContentType is null && response.ContentLength is null;

    private Problem OfException(Exception exception)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                return OfStatus(bad.StatusCode, request: null);
            case CommitOutcomeUnknownException unknown:
                OutcomeUnknown(exception);
                return Problem.Unavailable(unknown.HasKey ? RepeatWithKey : LookFirst) with { Error = "outcome_unknown" };
            case var _ when DatabaseFaults.Of(exception) != DatabaseFault.None:
                DependencyAway(exception);
                return Problem.Unavailable("The database cannot answer at the moment. Try again shortly; a request with an Idempotency-Key with the same one.");
            default:
                Unforeseen(exception);
                return new(StatusCodes.Status500InternalServerError, "internal_error", "Something went wrong here. Quote the trace_id when you report it.");
        }
    }

    internal static Problem OfStatus(int status, HttpRequest? request) => status switch
    {
        400 => new(400, "bad_request", "The request could not be read. Check its syntax, its headers and that its body is complete."),
        401 => new(401, "unauthorized", "A valid credential is needed: send it as X-API-Key or as Authorization: Bearer."),
        403 => new(403, "forbidden", "The credential is valid but does not allow this."),
        404 => Problem.NotFound($"There is nothing at {request?.Path.Value ?? "this path"}. GET /docs lists what there is."),
        405 => new(405, "method_not_allowed", $"{request?.Method} is not possible here; the Allow header names what is."),
        408 => new(408, "request_timeout", "The request took too long to arrive. Send it again in one go."),
        413 => new(413, "payload_too_large", "The body is larger than this endpoint takes."),
        415 => Problem.UnsupportedMediaType(),
        431 => new(431, "headers_too_large", "The request's headers are too large."),
        _ => new(status, status >= 500 ? "internal_error" : "bad_request", "The request could not be handled."),
    };

    [LoggerMessage(100, LogLevel.Error, "A request failed with an unexpected exception")]
    private partial void Unforeseen(Exception exception);

    [LoggerMessage(101, LogLevel.Warning, "A request was answered with 503: the database cannot answer")]
    private partial void DependencyAway(Exception exception);

    [LoggerMessage(102, LogLevel.Warning, "A request was answered with 503: its commit broke off, and its outcome is not known")]
    private partial void OutcomeUnknown(Exception exception);
}
