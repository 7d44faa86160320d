using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Web.Api;

/// <summary>The members of a problem that pages show.</summary>
internal sealed record ProblemBody(
    string? Title, string? Detail, string? Error, string? TraceId, int? RetryAfter, Dictionary<string, string[]>? Errors, string? Available, string? Required);

/// <summary>An answer of which nothing is read.</summary>
internal sealed record Nothing;

/// <summary>Source-generated JSON of what all calls have in common.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ApiJson : JsonSerializerContext;
