using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Requests;

/// <summary>
/// Answers every request with <c>X-Request-ID</c>: the caller's own when it is 1-128 visible ASCII characters, else the trace id.
/// </summary>
internal sealed class RequestIds(RequestDelegate next)
{
    /// <summary>The header's name.</summary>
    public const string Header = "X-Request-ID";

    private const int MaxLength = 128;

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers[Header] = Of(context.Request) ?? TraceIdOf(context);
        return next(context);
    }

    /// <summary>The id of the trace that the request belongs to: 32 hex digits, or the connection's request id when nothing traces.</summary>
    public static string TraceIdOf(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    private static string? Of(HttpRequest request)
    {
        var values = request.Headers[Header];
        return values is [{ Length: > 0 and <= MaxLength } id] && id.All(c => c is > ' ' and <= '~') ? id : null;
    }
}
