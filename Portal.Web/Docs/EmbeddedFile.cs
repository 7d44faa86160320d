using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Portal.Web.Docs;

/// <summary>A file that is part of this program.</summary>
internal static class EmbeddedFile
{
    /// <summary>
    /// Serves it. It is asked for anew each time, and answered 304 while it is the same: nobody sees that of the release before.
    /// </summary>
    public static void MapEmbeddedFile(this IEndpointRouteBuilder routes, string path, string name, string contentType)
    {
        var bytes = Read(name);
        var version = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\"");
        routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(bytes, contentType, entityTag: version);
        }).ExcludeFromDescription();
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(EmbeddedFile).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
