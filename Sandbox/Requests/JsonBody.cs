using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ServiceDefaults.Problems;
using ServiceDefaults.Requests;

namespace Sandbox.Requests;

/// <summary>Reads a JSON body.</summary>
internal static class JsonBody
{
    /// <summary>Returns the value, or a problem: 415 for anything but plain JSON in UTF-8, 400 for a body that cannot be read as the type.</summary>
    public static async Task<(T? Value, Problem? Problem)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (!AnnouncedContent.IsJson(request)) return (null, Problem.UnsupportedMediaType());
        try
        {
            var value = await JsonSerializer.DeserializeAsync(request.Body, type, cancellationToken);
            return value is null ? (null, Problem.InvalidJson("The body must be a JSON object.")) : (value, null);
        }
        catch (JsonException exception)
        {
            var where = exception.Path is { Length: > 1 } path ? $" {path} is unknown here or of the wrong type." : "";
            return (null, Problem.InvalidJson($"The body must be a JSON object as docs/sandbox.md shows it.{where}"));
        }
    }
}
