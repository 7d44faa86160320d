using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ServiceDefaults.Problems;

namespace Sandbox.Bank;

/// <summary>Reads a body of a known shape.</summary>
internal static class JsonBody
{
    /// <summary>The value, or the problem: 415 when it is no JSON by its own account, 400 when it does not have that shape.</summary>
    public static async Task<(T? Value, Problem? Problem)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken) where T : class
    {
        if (!request.HasJsonContentType()) return (null, Problem.UnsupportedMediaType());
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
