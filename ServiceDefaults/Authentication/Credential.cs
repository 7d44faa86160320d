using Microsoft.AspNetCore.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;

namespace ServiceDefaults.Authentication;

/// <summary>The credential of a request: <c>X-API-Key: KEY</c>, else <c>Authorization: Bearer KEY-OR-TOKEN</c>.</summary>
/// <param name="Text">Never empty.</param>
/// <param name="IsBearer">Whether it came as <c>Authorization: Bearer</c>; only there a token is allowed.</param>
public readonly record struct Credential(string Text, bool IsBearer)
{
    private const string Bearer = "Bearer ";

    /// <summary>
    /// The request's credential; null without one. A header that comes twice is not a credential: two proxies could pick different ones and disagree on the
    /// caller.
    /// </summary>
    public static Credential? Of(HttpRequest request) => (request.Headers["X-API-Key"], request.Headers.Authorization) switch
    {
        ([{ Length: > 0 } key], _) => new(key, IsBearer: false),
        ([], [{ } value]) when value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && value[Bearer.Length..].Trim() is { Length: > 0 } text =>
            new(text, IsBearer: true),
        _ => null,
    };
}

/// <summary>The answers to requests without a valid credential.</summary>
internal static class Challenges
{
    /// <summary>
    /// Answers 401, which tells a credential that did not come from one that is wrong. Only the latter counts by its address, and is 429 when there were
    /// too many: to ask without a credential is how HTTP authentication begins (RFC 9110, 11.1), and costs nothing.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="wrong">The answer to a credential that is wrong.</param>
    /// <param name="failures">Counts it; null in a service without rate limits.</param>
    /// <param name="challenge">The WWW-Authenticate for a credential that is wrong.</param>
    public static async Task ChallengeAsync(this HttpContext context, Problem wrong, AuthFailures? failures, string challenge = "Bearer")
    {
        var problem = Credential.Of(context.Request) is null
            ? NoCredential(context.Request.Headers)
            : failures is null ? wrong : await failures.AnswerAsync(context, wrong);
        await problem.ChallengeAsync(context, problem == wrong ? challenge : "Bearer");
    }

    /// <summary>Writes a 401 with its WWW-Authenticate, or the 429 that takes its place.</summary>
    public static Task ChallengeAsync(this Problem problem, HttpContext context, string challenge = "Bearer")
    {
        if (problem.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = challenge;
        return problem.ExecuteAsync(context);
    }

    private static Problem NoCredential(IHeaderDictionary headers) => new(
        StatusCodes.Status401Unauthorized, "unauthorized", (headers["X-API-Key"].Count, headers.Authorization.Count) switch
        {
            ( > 1, _) or (0, > 1) => "The credential came more than once, so it is not clear which one counts. Send X-API-Key or Authorization once.",
            (1, _) => "X-API-Key came without a value. Send a key in it, or a key or an access token as Authorization: Bearer.",
            (0, 1) => "Authorization came in another form than `Bearer KEY`. Send a key or an access token so, or a key as X-API-Key.",
            _ => "No credential came. Send a key as X-API-Key, or a key or an access token as Authorization: Bearer.",
        });
}
