using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>The example of an error response where the endpoint gives none of its own: what is most often sent with that status.</summary>
internal static class ProblemExamples
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    public static Problem Of(int status) => status switch
    {
        StatusCodes.Status400BadRequest => Problem.InvalidJson("The body is not JSON: line 1, byte 17."),
        StatusCodes.Status422UnprocessableEntity =>
            Problem.Invalid("limit", "limit must be a whole number from 1 to 100"),
        StatusCodes.Status429TooManyRequests =>
            new(status, "rate_limited", "The limit of 1000 requests is reached; the next one is accepted in 12 s.") { RetryAfter = 12 },
        StatusCodes.Status503ServiceUnavailable =>
            Problem.Unavailable("The database cannot answer at the moment. Try again shortly; a request with an Idempotency-Key with the same one."),
        _ => ProblemResponses.OfStatus(status, request: null),
    };

    /// <summary>The body as it is sent.</summary>
    public static JsonNode? JsonOf(Problem problem) => JsonNode.Parse(problem.ToUtf8Json(TraceId));
}
