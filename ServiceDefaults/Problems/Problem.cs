using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using ServiceDefaults.Requests;

namespace ServiceDefaults.Problems;

/// <summary>
/// An error as the caller sees it: <c>application/problem+json</c> (RFC 9457) with a stable <c>error</c> code and the trace id.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">A stable snake_case code that programs may branch on.</param>
/// <param name="Detail">One sentence that a person can act on. Nothing internal.</param>
public sealed record Problem(int Status, string Error, string Detail) : IResult
{
    /// <summary>The media type of every error.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>For invalid input: field -> what is wrong with it and what is allowed.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>For 429 and 503: seconds after which another try makes sense; also sent as Retry-After.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>For <c>insufficient_balance</c>: what may be withdrawn, as a decimal in text.</summary>
    public string? Available { get; init; }

    /// <summary>For <c>insufficient_balance</c>: what was asked for, as a decimal in text.</summary>
    public string? Required { get; init; }

    /// <summary>422: members or parameters that are missing, of the wrong type or not allowed.</summary>
    /// <param name="errors">Field -> messages; at least one.</param>
    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors) => new(
        StatusCodes.Status422UnprocessableEntity,
        "validation_failed",
        "Some fields are not acceptable; `errors` names each with what is allowed. Correct them and send the request again.")
    { Errors = errors };

    /// <summary>422 for one field.</summary>
    public static Problem Invalid(string field, string message) => Invalid(new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>400: the body cannot be read as a JSON object.</summary>
    /// <param name="detail">What is wrong with it, and where.</param>
    public static Problem InvalidJson(string detail) => new(StatusCodes.Status400BadRequest, "invalid_json", detail);

    /// <summary>415: the headers announce something else than JSON in UTF-8, or a compressed body.</summary>
    public static Problem UnsupportedMediaType() =>
        new(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Send the body as Content-Type: application/json, in UTF-8 and without a "
            + "Content-Encoding.");

    /// <summary>404: there is no such thing.</summary>
    public static Problem NotFound(string detail) => new(StatusCodes.Status404NotFound, "not_found", detail);

    /// <summary>503: this cannot be answered at the moment; the caller may try again after <paramref name="retryAfterSeconds"/>.</summary>
    public static Problem Unavailable(string detail, int retryAfterSeconds = 1) =>
        new(StatusCodes.Status503ServiceUnavailable, "unavailable", detail) { RetryAfter = retryAfterSeconds };

    /// <summary>The body, UTF-8, with the trace id of <paramref name="httpContext"/>.</summary>
    public byte[] ToUtf8Json(HttpContext httpContext) => ToUtf8Json(RequestIds.TraceIdOf(httpContext));

    /// <summary>The body, UTF-8, with that trace id.</summary>
    internal byte[] ToUtf8Json(string traceId) => JsonSerializer.SerializeToUtf8Bytes(
        new ProblemBody(
            $"urn:aspirewebhooks:error:{Error}", ReasonPhrases.GetReasonPhrase(Status), Status, Detail, Error, traceId, Errors, RetryAfter,
            Status == StatusCodes.Status429TooManyRequests ? Detail : null, Available, Required),
        ProblemJson.Wire.ProblemBody);

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;

        // The server closes the connection of a body that it does not read to its end. A caller that is not told sends its next request on it.
        if (Status == StatusCodes.Status413PayloadTooLarge && HttpProtocol.IsHttp11(httpContext.Request.Protocol)) response.Headers.Connection = "close";
        if (RetryAfter is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

        var json = ToUtf8Json(httpContext);
        response.ContentLength = json.Length;

        // A HEAD request is told the length and nothing more.
        if (!HttpMethods.IsHead(httpContext.Request.Method)) await response.Body.WriteAsync(json, httpContext.RequestAborted);
    }
}

/// <summary>An error, by RFC 9457.</summary>
/// <param name="Type">A URN that ends in the error code.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">One sentence that a person can act on.</param>
/// <param name="Error">A stable snake_case code that programs may branch on.</param>
/// <param name="TraceId">The request's trace, to be quoted in a report.</param>
/// <param name="Errors">Only for invalid input: each field with what is wrong with it and what is allowed.</param>
/// <param name="RetryAfter">Only with 429 and 503: seconds after which another try makes sense.</param>
/// <param name="Message">The same as <paramref name="Detail"/>, for 429: clients of rate limits read it here.</param>
/// <param name="Available">For insufficient_balance: what may be withdrawn.</param>
/// <param name="Required">For insufficient_balance: what was asked for.</param>
[DisplayName(nameof(Problem))]
public sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    [property: RegularExpression("^[a-z0-9_]+$")] string Error,
    string TraceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RetryAfter,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), RegularExpression(Currency.AmountPattern)] string? Available,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), RegularExpression(Currency.AmountPattern)] string? Required);

[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static ProblemJson Wire { get; } = new(WireJson.Options());
}
