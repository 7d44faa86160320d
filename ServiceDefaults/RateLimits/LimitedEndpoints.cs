using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.RateLimits;

/// <summary>The names of the limits that an endpoint can have.</summary>
public static class RateLimitPolicy
{
    /// <summary>One window for all callers together.</summary>
    public const string Global = "global";

    /// <summary>Reading a balance; a window for each caller.</summary>
    public const string Balance = "balance";

    /// <summary>Reading a user's transactions; a window for each caller.</summary>
    public const string History = "history";

    /// <summary>What the portal's pages ask for, in the place of all the others; a window for each caller.</summary>
    internal const string Portal = "portal";
}

/// <summary>Applies limits to endpoints.</summary>
public static class LimitedEndpoints
{
    private const string Checked = "AspireWebhooks.RateLimits.Checked";

    /// <summary>What is answered before an endpoint's filters run.</summary>
    private static readonly int[] BeforeTheEndpoint = [StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType];

    /// <summary>
    /// Applies a limit of <see cref="RateLimitPolicy"/> besides those of the group. All limits of an endpoint are checked at once,
    /// and a request that one of them refuses is counted in none. Runs after the authentication of API keys and tokens, so requests that those refuse are not
    /// counted here, but by their address (<see cref="AuthFailures"/>).
    /// </summary>
    public static TBuilder LimitedBy<TBuilder>(this TBuilder endpoints, string policy) where TBuilder : IEndpointConventionBuilder => endpoints
        .Limits(policy, BeforeTheEndpoint)
        .AddEndpointFilter(async (call, next) => await call.HttpContext.CheckLimitsAsync() is { } refusal ? refusal : await next(call));

    /// <summary>
    /// The same for an endpoint whose handler verifies the credential itself (a login's key, a callback's signature). The handler calls
    /// <see cref="CheckLimitsAsync"/> once it has: what anybody can send must not use up a window that all callers share.
    /// </summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="policy">One of <see cref="RateLimitPolicy"/>.</param>
    /// <param name="before">Statuses that the handler answers before it has verified the credential, besides 400, 401, 413 and 415.</param>
    public static TBuilder LimitedOnceVerifiedBy<TBuilder>(this TBuilder endpoints, string policy, params int[] before)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.Limits(policy, [.. BeforeTheEndpoint, StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, .. before]);

    private static TBuilder Limits<TBuilder>(this TBuilder endpoints, string policy, int[] uncounted) where TBuilder : IEndpointConventionBuilder => endpoints
        .WithMetadata(new Limit(policy))
        .SaysItsLimits(uncounted)
        .Fails(StatusCodes.Status429TooManyRequests,
            "Too many requests, or too many from this address without a valid credential; try again after Retry-After seconds. X-RateLimit-Limit, "
            + "X-RateLimit-Remaining and X-RateLimit-Reset (unix seconds) say more, also on the answer to every request that was let through.");

    /// <summary>Counts the request in all limits of its endpoint, once; returns the 429 when one of them refuses it.</summary>
    public static async Task<Problem?> CheckLimitsAsync(this HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<RateLimitOptions>>().Value;

        // An endpoint with several limits has a filter for each, and a handler may run twice; the first takes from all windows.
        if (!options.Enabled || !context.Items.TryAdd(Checked, true)) return null;

        CountedWindow[] windows = PortalRequests.IsOne(context.Request, options)
            ? [CountedWindow.Of(RateLimitPolicy.Portal, SubjectOf(Caller.Find(context), context), options.Portal)]
            : [.. PoliciesOf(context).Select(policy => WindowOf(policy, options, context))];
        var decision = await context.RequestServices.GetRequiredService<RateLimiter>().TakeAsync(windows);
        decision.TellIn(context);
        return decision.IsAdmitted ? null : decision.ToProblem();
    }

    private static IEnumerable<string> PoliciesOf(HttpContext context) =>
        context.GetEndpoint()!.Metadata.GetOrderedMetadata<Limit>().Select(limit => limit.Policy).Distinct();

    private static CountedWindow WindowOf(string policy, RateLimitOptions options, HttpContext context) => policy switch
    {
        RateLimitPolicy.Global => CountedWindow.Of(policy, "", options.Global),
        RateLimitPolicy.Balance => CountedWindow.Of(policy, CallerOf(context), options.Balance),
        RateLimitPolicy.History => CountedWindow.Of(policy, CallerOf(context), options.History),
        _ => throw new InvalidOperationException($"There is no rate limit '{policy}': name one of {nameof(RateLimitPolicy)}."),
    };

    private static string CallerOf(HttpContext context) => SubjectOf(Caller.Of(context), context);

    // An admin key from the configuration belongs to no user: each such key is counted by itself.
    private static string SubjectOf(Caller? caller, HttpContext context) => caller is { UserId: > 0 }
        ? $"user:{caller.UserId}"
        : $"key:{CountedWindow.Hashed(Credential.Of(context.Request)?.Text ?? "")}";

    private sealed record Limit(string Policy);
}
