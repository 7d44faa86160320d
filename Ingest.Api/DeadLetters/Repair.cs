using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Ingest.Api.Json;
using ServiceDefaults.Problems;

namespace Ingest.Api.DeadLetters;

/// <summary>What the caller puts in the place of what was wrong with a record; what is null stays as it was.</summary>
internal sealed record Repair(byte[]? Key, byte[]? Value)
{
    /// <summary>The body as the documentation shows it.</summary>
    internal sealed record RedriveRequest(
        [property: Description("The record's key; of transactions the transaction_id. Without it the key stays as it was.")] string? Key,
        [property: Description("The record's body: a JSON object, or a string that is sent as it is. Without it the body stays as it was.")] JsonElement? Value);

    public static async Task<(Repair? Repair, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, cancellationToken);
        if (problem is not null) return (null, problem);
        var errors = new Dictionary<string, string[]>();
        var key = Take("key", KeyOf, "must be a string of 1 character or more; leave it out to keep the key as it was");
        var value = Take("value", ValueOf, "must be a JSON object or a string; leave it out to keep the body as it was");
        return errors.Count > 0 ? (null, Problem.Invalid(errors)) : (new(key, value), null);

        byte[]? Take(string name, Func<JsonElement, byte[]?> read, string rule)
        {
            if (body is not { } members || !members.TryGetProperty(name, out var element)) return null;
            var bytes = read(element);
            if (bytes is null) errors[name] = [$"{name} {rule}"];
            return bytes;
        }
    }

    private static byte[]? KeyOf(JsonElement key) => key.Text() is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : null;

    private static byte[]? ValueOf(JsonElement value) =>
        (value.ValueKind == JsonValueKind.Object ? value.GetRawText() : value.Text()) is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : null;
}
