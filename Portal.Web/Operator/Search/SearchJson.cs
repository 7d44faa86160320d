using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Search;

/// <summary>What <c>GET /admin/search</c> answers.</summary>
internal sealed record SearchAnswer(string? Query, IReadOnlyList<SearchHit> Hits);

/// <summary>Something with that id, key, reference or e-mail.</summary>
internal sealed record SearchHit(string Kind, string Id, string? Title, string? Status, string? MatchedBy, DateTimeOffset? CreatedAt, string? TraceId);

/// <summary>Source-generated JSON of the search; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SearchAnswer))]
internal sealed partial class SearchJson : JsonSerializerContext;
