using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.RateLimits;

/// <summary>Requests that the portal makes for its pages. The front door takes the header from those that come from outside.</summary>
public static class PortalRequests
{
    /// <summary>The header that has the portal's key.</summary>
    public const string Header = "X-Portal-Key";

    /// <summary>Whether this is one. The key is compared in constant time.</summary>
    internal static bool IsOne(HttpRequest request, RateLimitOptions options) =>
        options.PortalKey is { Length: > 0 } known && request.Headers[Header] is [{ Length: > 0 } said]
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(said)), SHA256.HashData(Encoding.UTF8.GetBytes(known)));
}
