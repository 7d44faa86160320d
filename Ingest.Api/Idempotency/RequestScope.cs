using System.Globalization;
using System.Text;
using ServiceDefaults.Authentication;

namespace Ingest.Api.Idempotency;

/// <summary>Within what an Idempotency-Key names one request.</summary>
internal static class RequestScope
{
    /// <summary>
    /// Keys of the configuration are no users: all admin keys share one scope and all others one, so that a new key finds the answer. Portal links of a
    /// customer share one, whoever has them.
    /// </summary>
    public static string CallerOf(HttpContext context) => (Caller.Find(context), WebhookCaller.Find(context)) switch
    {
        ({ UserId: > 0 and var id }, _) => string.Create(CultureInfo.InvariantCulture, $"user:{id}"),
        (_, { CustomerId: { } customer }) => $"customer:{customer}",
        ({ IsAdmin: true }, _) or (_, { IsAdmin: true }) => "admin",
        _ => "api",
    };

    /// <summary>
    /// The scope is caller, method and route: the endpoint's pattern with its values, not the path as it was written. /api/v1/Deposits and /api/v1/deposits/
    /// are the same endpoint, and one key on all three must be one payment.
    /// </summary>
    public static RequestKey KeyOf(string caller, HttpContext context, string key)
    {
        var scope = new StringBuilder($"{caller} {context.Request.Method} {((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText}");
        foreach (var (name, value) in context.Request.RouteValues.OrderBy(value => value.Key, StringComparer.Ordinal))
            scope.Append(CultureInfo.InvariantCulture, $" {name}={value}");
        return new(scope.ToString(), key, $"{caller} {context.Request.Method} {context.Request.Path}");
    }
}
