using System.Text.Json;
using System.Text.Unicode;
using ServiceDefaults.Problems;

namespace Ingest.Api.Json;

/// <summary>Reads a small body that is a JSON object, whatever somebody sends instead.</summary>
internal static class JsonBody
{
    /// <summary>The largest; Kestrel holds it to that and throws its 413.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The object; null without a body. A problem: 400 when it cannot be read, 415 when it says that it is something else.</summary>
    public static async Task<(JsonElement? Body, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        if (buffer.Length == 0) return (null, null);
        if (!request.HasJsonContentType()) return (null, Problem.UnsupportedMediaType());

        var bytes = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        if (!Utf8.IsValid(bytes)) return (null, Problem.InvalidJson("The body is not UTF-8."));
        try
        {
            var body = JsonElement.Parse(bytes);
            if (body.ValueKind != JsonValueKind.Object) return (null, Problem.InvalidJson("The body must be a JSON object."));

            // Each name is unescaped once here: later, looking a member up would trip over one that is no text.
            foreach (var member in body.EnumerateObject()) _ = member.Name;
            return (body, null);
        }
        catch (JsonException exception)
        {
            return (null, Problem.InvalidJson($"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."));
        }
        catch (InvalidOperationException)
        {
            return (null, Problem.InvalidJson("The body has a member whose name is not text: an unpaired surrogate (\\ud800-\\udfff)."));
        }
    }

    /// <summary>The object, which must be there: without a body the 400 shows what one looks like.</summary>
    /// <param name="request">Its body is read.</param>
    /// <param name="example">A whole body.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<(JsonElement Members, Problem? Problem)> ReadMembersAsync(HttpRequest request, string example, CancellationToken cancellationToken)
    {
        var (body, problem) = await ReadAsync(request, cancellationToken);
        return body is { } members ? (members, null) : (default, problem ?? Problem.InvalidJson($"A body is needed, a JSON object such as {example}."));
    }

    /// <summary>The string's text; null when it is none, be it for an unpaired surrogate.</summary>
    public static string? Text(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String) return null;
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
