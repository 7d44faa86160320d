using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServiceDefaults.Telemetry;

/// <summary>
/// Names the span that ASP.NET Core opens for a request as OpenTelemetry's HTTP conventions ask
/// (<see href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/"/>); the framework itself leaves it bare.
/// Probes are not recorded: an orchestrator asks every few seconds, and would bury the traces that people look for.
/// </summary>
internal sealed class ServerSpans(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (Activity.Current is not { Recorded: true, IsAllDataRequested: true } span) return next(context);
        if (context.Request.Path.Value is not ("/health" or "/alive")) return DescribedAsync(span, context);

        span.IsAllDataRequested = false;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        return next(context);
    }

    private async Task DescribedAsync(Activity span, HttpContext context)
    {
        try
        {
            await next(context);
        }
        finally
        {
            Describe(span, context);
        }
    }

    private static void Describe(Activity span, HttpContext context)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        span.SetTag("http.request.method", context.Request.Method);
        span.SetTag("http.route", route);
        span.SetTag("url.path", context.Request.Path.Value);
        span.SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode >= 500) span.SetStatus(ActivityStatusCode.Error);
    }
}
