using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Authentication;

/// <summary>What a request brings to show who is calling: <c>X-API-Key: KEY</c>, else <c>Authorization: Bearer KEY-OR-TOKEN</c>.</summary>
/// <param name="Text">Never empty.</param>
/// <param name="IsBearer">Whether it came as <c>Authorization: Bearer</c>, where alone a token may stand.</param>
public readonly record struct Credential(string Text, bool IsBearer)
{
    private const string Bearer = "Bearer ";

    /// <summary>
    /// The request's credential; null without one. A header that comes twice is none: two proxies that pick different ones would disagree on who is calling.
    /// </summary>
    public static Credential? Of(HttpRequest request) => (request.Headers["X-API-Key"], request.Headers.Authorization) switch
    {
        ([{ Length: > 0 } key], _) => new(key, IsBearer: false),
        ([], [{ } value]) when value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && value[Bearer.Length..].Trim() is { Length: > 0 } text =>
            new(text, IsBearer: true),
        _ => null,
    };
}
