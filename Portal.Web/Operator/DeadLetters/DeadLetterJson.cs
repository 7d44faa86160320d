using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Portal.Web.Operator.DeadLetters;

/// <summary>What <c>GET /admin/dead-letters/reasons</c> answers.</summary>
internal sealed record ReasonList(IReadOnlyList<LetterReason> Data);

/// <summary>The dead letters of a topic and a reason. Public because a component takes it.</summary>
/// <param name="Topic">The topic that they were read from.</param>
/// <param name="Reason">Why they are here.</param>
/// <param name="Count">How many.</param>
/// <param name="OldestAt">When the first was put aside.</param>
/// <param name="NewestAt">When the last was.</param>
/// <param name="ExampleDetail">The last one's reason in a sentence.</param>
public sealed record LetterReason(string Topic, string Reason, long Count, DateTimeOffset OldestAt, DateTimeOffset NewestAt, string? ExampleDetail);

/// <summary>A page of dead letters.</summary>
internal sealed record LetterPage(IReadOnlyList<Letter> Data, string? NextCursor);

/// <summary>A record that could not be processed. Public because a component takes it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Topic">The topic that it was read from.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="RecordTimestamp">The record's own time.</param>
/// <param name="Key">The record's key; null when it has none or is no text.</param>
/// <param name="KeyBase64">A key that is no text.</param>
/// <param name="Value">The record's body; null when it has none or is no text.</param>
/// <param name="ValueBase64">A body that is no text.</param>
/// <param name="ValueBytes">How long the whole body is.</param>
/// <param name="Reason">Why it is here.</param>
/// <param name="Detail">Why, in a sentence.</param>
/// <param name="CreatedAt">When it was put aside.</param>
public sealed record Letter(
    long Id, string Topic, int Partition, long Offset, DateTimeOffset RecordTimestamp, string? Key, string? KeyBase64, string? Value, string? ValueBase64,
    long? ValueBytes, string Reason, string Detail, DateTimeOffset CreatedAt);

/// <summary>What takes the place of a record's key and body when it is sent again; without text it stays. Public because a component takes it.</summary>
public sealed record LetterRepair(string? Key, string? Value)
{
    /// <summary>The request's body; null when nothing is repaired.</summary>
    internal JsonObject? ToBody()
    {
        var body = new JsonObject();
        if (!string.IsNullOrEmpty(Key)) body["key"] = Key;
        if (!string.IsNullOrEmpty(Value)) body["value"] = Value;
        return body.Count == 0 ? null : body;
    }
}

/// <summary>What redriving or deleting many answers: one of the two counts, of what was done or, of a dry run, would be.</summary>
internal sealed record BulkAnswer(long? Redriven, long? Deleted, long? Skipped, long? Refused, bool DryRun, bool HasMore)
{
    /// <summary>How many.</summary>
    public long Count => Redriven ?? Deleted ?? 0;
}

/// <summary>Source-generated JSON of dead letters; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReasonList))]
[JsonSerializable(typeof(LetterPage))]
[JsonSerializable(typeof(BulkAnswer))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
