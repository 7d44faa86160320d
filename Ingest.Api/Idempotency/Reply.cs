using ServiceDefaults.Problems;

namespace Ingest.Api.Idempotency;

/// <summary>An answer that is remembered and given again when the request is repeated: what was done, or why a business rule refused it.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The body's media type.</param>
/// <param name="Body">The body, byte for byte.</param>
/// <param name="Location">Where the resource is that was created; null for none.</param>
internal sealed record Reply(int Status, string ContentType, byte[] Body, string? Location = null) : IResult
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>True for an answer that was stored before.</summary>
    public bool IsReplayed { get; init; }

    /// <summary>What was done: 200, 201 or 202.</summary>
    public static Reply Done(int status, byte[] json, string? location = null) => new(status, Json, json, location);

    /// <summary>A refusal that stays the same however often the request is repeated.</summary>
    public static Reply Refused(Problem problem, HttpContext context) => new(problem.Status, Problem.ContentType, problem.ToUtf8Json(context));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        if (Location is not null) response.Headers.Location = Location;
        if (IsReplayed) response.Headers["Idempotency-Replayed"] = "true";
        await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }
}
