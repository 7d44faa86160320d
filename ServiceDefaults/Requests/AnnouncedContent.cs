using Microsoft.AspNetCore.Http;
using HeaderUtilities = Microsoft.Net.Http.Headers.HeaderUtilities;
using MediaTypeHeaderValue = Microsoft.Net.Http.Headers.MediaTypeHeaderValue;

namespace ServiceDefaults.Requests;

/// <summary>What a request's headers say about its body. Every endpoint that reads a body asks here first.</summary>
public static class AnnouncedContent
{
    /// <summary>
    /// Whether the headers announce JSON in UTF-8 that is not compressed. Anything else is a 415: a body in UTF-16 or gzip read as UTF-8 is at best a
    /// misleading 400, at worst another text than the caller sent.
    /// </summary>
    public static bool IsJson(HttpRequest request) => IsJsonType(request.ContentType) && IsPlain(request.Headers);

    private static bool IsJsonType(string? contentType) =>
        contentType is "application/json"
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));

    private static bool IsPlain(IHeaderDictionary headers) =>
        headers.ContentEncoding is [] || headers.ContentEncoding is [{ } encoding] && encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
}
