using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Workers;

/// <summary>What <c>GET /admin/workers</c> answers.</summary>
internal sealed record WorkerList(IReadOnlyList<Worker> Data);

/// <summary>A worker as it last reported.</summary>
internal sealed record Worker(
    string Id, DateTimeOffset? StartedAt, DateTimeOffset SeenAt, bool IsGone, int Partitions, double OldestDueSeconds, IReadOnlyList<string>? Problems,
    IReadOnlyList<WorkerTopic>? Topics);

/// <summary>A topic that a worker reads.</summary>
internal sealed record WorkerTopic(string Topic, long Lag, long Waiting);

/// <summary>Source-generated JSON of workers; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WorkerList))]
internal sealed partial class WorkerJson : JsonSerializerContext;
