using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ServiceDefaults.Problems;
using ServiceDefaults.Requests;

namespace ServiceDefaults.RateLimits;

/// <summary>
/// Counts failed logins by address and by e-mail, and refuses logins when there were too many. Redis has both as hashes only.
/// A login calls <see cref="CheckAsync"/> before it checks the credential, and answers a wrong one with the refusal of <see cref="RecordAsync"/> or
/// else with its own 401: of any number of simultaneous guesses no more than the limit are told that they were wrong.
/// </summary>
public sealed class LoginFailures
{
    private const string Address = "login_address";
    private const string Email = "login_email";

    private readonly RateLimiter _limiter;
    private readonly ClientAddress _addresses;
    private readonly RateLimitOptions _options;

    internal LoginFailures(RateLimiter limiter, ClientAddress addresses, IOptions<RateLimitOptions> options) =>
        (_limiter, _addresses, _options) = (limiter, addresses, options.Value);

    /// <summary>Returns the 429 when this address or this e-mail has failed too often; null when it may try.</summary>
    public Task<Problem?> CheckAsync(HttpContext context, string email) => RefusalAsync(context, email, _limiter.LookAsync);

    /// <summary>Counts a failure. Returns the 429 when there were too many already; null when the caller is to be told that the credential is wrong.</summary>
    public Task<Problem?> RecordAsync(HttpContext context, string email) => RefusalAsync(context, email, _limiter.TakeAsync);

    private async Task<Problem?> RefusalAsync(HttpContext context, string email, Func<CountedWindow[], Task<RateLimitDecision>> ask)
    {
        if (!_options.Enabled) return null;
        var decision = await ask(
        [
            CountedWindow.Of(Address, CountedWindow.Hashed(_addresses.Of(context)), _options.LoginFailures),
            CountedWindow.Of(Email, CountedWindow.Hashed(email.Trim().ToLowerInvariant()), _options.LoginFailures),
        ]);
        if (decision.IsAdmitted) return null;
        decision.TellIn(context);
        return decision.ToProblem() with
        {
            Detail = "Too many logins have failed from here or for this e-mail; try again after the seconds that Retry-After says.",
        };
    }
}
