using ServiceDefaults.Problems;
using HeaderUtilities = Microsoft.Net.Http.Headers.HeaderUtilities;
using MediaTypeHeaderValue = Microsoft.Net.Http.Headers.MediaTypeHeaderValue;

namespace Ingest.Api.Requests;

/// <summary>The bytes of a request's body, and what is refused before they are looked at. Every POST of this service asks here.</summary>
internal static class RequestBody
{
    /// <summary>The limit for every body but a webhook's, in bytes. Kestrel enforces it and throws its 413.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>
    /// Whether the headers announce JSON in UTF-8 that is not compressed. Anything else is a 415: a body in UTF-16 or gzip read as UTF-8 is at best a
    /// misleading 400, at worst another text than the caller sent.
    /// </summary>
    public static bool IsJson(HttpRequest request) => IsJsonType(request.ContentType) && IsPlain(request.Headers);

    /// <summary>The whole body. It can be read again afterwards: a request that is tried once more begins with the same bytes.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Body is not MemoryStream buffer)
        {
            buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, cancellationToken);
            request.Body = buffer;
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    /// <summary>The body, or the 415 when its headers announce something else. A body of no bytes needs no headers.</summary>
    public static async Task<(ReadOnlyMemory<byte> Bytes, Problem? Problem)> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(request, cancellationToken);
        return bytes.Length > 0 && !IsJson(request) ? (default, Problem.UnsupportedMediaType()) : (bytes, null);
    }

    private static bool IsJsonType(string? contentType) =>
        contentType is "application/json"
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));

    private static bool IsPlain(IHeaderDictionary headers) =>
        headers.ContentEncoding is [] || headers.ContentEncoding is [{ } encoding] && encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
}
