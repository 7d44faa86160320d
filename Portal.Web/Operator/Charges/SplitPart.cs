using System.Text.Json;

namespace Portal.Web.Operator.Charges;

/// <summary>A part of a split, as it was sent: figures are texts, so that they are shown as they came.</summary>
/// <param name="Destination">Whose part it is.</param>
/// <param name="Amount">Its amount; null where it is by percent.</param>
/// <param name="Percent">Its share; null where it is by amount.</param>
public sealed record SplitPart(string Destination, string? Amount, string? Percent)
{
    /// <summary>The parts of an array. Null for anything else: an object is kept by the API and not carried out, and is shown as JSON.</summary>
    public static IReadOnlyList<SplitPart>? Of(JsonElement? instructions) =>
        instructions is { ValueKind: JsonValueKind.Array } parts && parts.EnumerateArray().All(part => part.ValueKind == JsonValueKind.Object)
            ? [.. parts.EnumerateArray().Select(part => new SplitPart(Text(part, "destination") ?? "–", Text(part, "amount"), Text(part, "percent")))]
            : null;

    private static string? Text(JsonElement part, string member) => part.TryGetProperty(member, out var value) ? value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    } : null;
}
