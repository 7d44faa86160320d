using ServiceDefaults.Problems;
using ServiceDefaults.Requests;

namespace Ingest.Api.Requests;

/// <summary>The bytes of a request's body, and what is refused before they are looked at. Every POST of this service asks here.</summary>
internal static class RequestBody
{
    /// <summary>The limit for every body but a webhook's, in bytes. Kestrel enforces it and throws its 413.</summary>
    public const int MaxBytes = 64 * 1024;

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
        return bytes.Length > 0 && !AnnouncedContent.IsJson(request) ? (default, Problem.UnsupportedMediaType()) : (bytes, null);
    }
}
