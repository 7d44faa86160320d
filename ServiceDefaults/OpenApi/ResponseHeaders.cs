using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>The headers of responses in the OpenAPI document, each described once and referred to where it is sent.</summary>
public static class ResponseHeaders
{
    /// <summary>Where the resource is that the request made.</summary>
    public const string Location = "Location";

    /// <summary>Whether the answer is a stored one.</summary>
    public const string IdempotencyReplayed = "Idempotency-Replayed";

    /// <summary>Where the next page is.</summary>
    public const string Link = "Link";

    /// <summary>An operation's metadata: the statuses that are answered before the request is counted. Without it the operation has no limits.</summary>
    internal const string Uncounted = "uncounted";

    private const string RequestId = "X-Request-ID", RetryAfter = "Retry-After", Challenge = "WWW-Authenticate";

    private static readonly string[] RateLimits = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];

    /// <summary>Adds a header to a response.</summary>
    internal static void Add(IOpenApiResponse response, string name, OpenApiDocument api)
    {
        if (response is not OpenApiResponse own) return;
        own.Headers ??= new Dictionary<string, IOpenApiHeader>();
        own.Headers[name] = new OpenApiHeaderReference(name, api);
    }

    /// <summary>Describes every header, and adds to each response those that follow from its status.</summary>
    internal static void Describe(OpenApiDocument api)
    {
        api.Components ??= new OpenApiComponents();
        api.Components.Headers = All();
        foreach (var operation in OpenApiFeature.OperationsOf(api))
        {
            var uncounted = operation.Metadata?.TryGetValue(Uncounted, out var statuses) == true ? (int[])statuses : null;
            foreach (var (status, response) in operation.Responses ?? [])
            {
                foreach (var name in NamesFor(status, response, uncounted, isProtected: operation.Security is { Count: > 0 })) Add(response, name, api);
            }
        }
    }

    private static IEnumerable<string> NamesFor(string status, IOpenApiResponse response, int[]? uncounted, bool isProtected)
    {
        yield return RequestId;
        if (status is "429" or "503" && response.Content?.ContainsKey(Problem.ContentType) == true) yield return RetryAfter;
        if (status is "401" && isProtected) yield return Challenge;

        // Limits are checked after the credential of a protected operation; its 403 may be the handler's. Where an operation has no limits of its own, a 429 is
        // for the address's wrong credentials.
        if (status is OpenApiFeature.AnyOther || (status is "401" && isProtected)) yield break;
        if (status is not "429" && (uncounted is null || uncounted.Any(code => status == $"{code}"))) yield break;
        foreach (var name in RateLimits) yield return name;
    }

    private static Dictionary<string, IOpenApiHeader> All() => new()
    {
        [RequestId] = Text("The request's id: the caller's own, where it is 1-128 visible ASCII characters, else the trace id. Quote it in a report.",
            "4bf92f3577b34da6a3ce929d0e0e4736", isAlwaysThere: true),
        [RetryAfter] = Number("Seconds after which another try makes sense: with every problem of this status.", 1),
        [Challenge] = Text("Which credentials are taken, by RFC 9110.", "Bearer"),
        [Location] = Text("Where to look, a path of this API.", "/api/v1/deposits/123"),
        [Link] = Text("Only while there is another page: where it is, by RFC 8288, relative to this request's URL.",
            "</charges?limit=100&cursor=AZpvPosafD2eTwobLD1OXw>; rel=\"next\""),
        [IdempotencyReplayed] = new OpenApiHeader
        {
            Description = "Only when this is the stored answer to an earlier request with the same Idempotency-Key: true.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [JsonValue.Create("true")] },
        },
        [RateLimits[0]] = Number("Requests that are let through in a minute, by the limit that is nearest.", 1000),
        [RateLimits[1]] = Number("How many of them are left.", 999),
        [RateLimits[2]] = Number("When there is room again, in seconds since 1970.", 1768473060),
    };

    private static OpenApiHeader Text(string description, string example, bool isAlwaysThere = false) =>
        new() { Description = description, Required = isAlwaysThere, Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = example };

    private static OpenApiHeader Number(string description, long example) => new()
    {
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "0" },
        Example = example,
    };
}
