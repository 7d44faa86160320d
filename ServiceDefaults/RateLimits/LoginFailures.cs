using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ServiceDefaults.Problems;

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

    /// <summary>Networks of the front door and other proxies; only their X-Forwarded-For is trusted.</summary>
    private static readonly IPNetwork[] Inside =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"),
    ];

    private readonly RateLimiter _limiter;
    private readonly RateLimitOptions _options;

    internal LoginFailures(RateLimiter limiter, IOptions<RateLimitOptions> options) => (_limiter, _options) = (limiter, options.Value);

    /// <summary>Returns the 429 when this address or this e-mail has failed too often; null when it may try.</summary>
    public Task<Problem?> CheckAsync(HttpContext context, string email) => RefusalAsync(context, email, _limiter.LookAsync);

    /// <summary>Counts a failure. Returns the 429 when there were too many already; null when the caller is to be told that the credential is wrong.</summary>
    public Task<Problem?> RecordAsync(HttpContext context, string email) => RefusalAsync(context, email, _limiter.TakeAsync);

    private async Task<Problem?> RefusalAsync(HttpContext context, string email, Func<CountedWindow[], Task<RateLimitDecision>> ask)
    {
        if (!_options.Enabled) return null;
        var decision = await ask(
        [
            CountedWindow.Of(Address, CountedWindow.Hashed(AddressOf(context)), _options.LoginFailures),
            CountedWindow.Of(Email, CountedWindow.Hashed(email.Trim().ToLowerInvariant()), _options.LoginFailures),
        ]);
        if (decision.IsAdmitted) return null;
        decision.TellIn(context);
        return decision.ToProblem() with
        {
            Detail = "Too many logins have failed from here or for this e-mail; try again after the seconds that Retry-After says.",
        };
    }

    // The last address is the one that the nearest proxy saw.
    private static string AddressOf(HttpContext context)
    {
        var nearest = Plain(context.Connection.RemoteIpAddress ?? IPAddress.None);
        var claimed = context.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim();
        var address = Inside.Any(network => network.Contains(nearest)) && IPAddress.TryParse(claimed, out var client) ? Plain(client) : nearest;

        // An IPv6 subscriber can choose any address of a /64 (RFC 6177).
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
