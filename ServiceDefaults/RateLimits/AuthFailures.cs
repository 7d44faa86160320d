using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ServiceDefaults.Problems;
using ServiceDefaults.Requests;

namespace ServiceDefaults.RateLimits;

/// <summary>
/// Counts requests whose credential or signature failed verification, by the client's address, and answers 429 instead of 401 when there were too many. A
/// credential is verified first, always, and only a failure comes here: a valid request costs nothing more, and a caller behind the same NAT as somebody who
/// guesses is not locked out by him. Keys and signatures cannot be guessed (128 bits and more), and to verify one costs less than to ask Redis for a count.
/// Logins have windows of their own (<see cref="LoginFailures"/>).
/// </summary>
public sealed class AuthFailures
{
    private const string Policy = "auth_failures";

    /// <summary>Refused addresses that are remembered; an address takes 200 bytes.</summary>
    private const int MaxRemembered = 10_000;

    private readonly RateLimiter _limiter;
    private readonly ClientAddress _addresses;
    private readonly RateLimitOptions _options;
    private readonly TimeProvider _clock;

    // A full window stays full until its oldest entry leaves it, so until then nobody needs to be asked: a flood does not reach Redis.
    private readonly ConcurrentDictionary<string, Refused> _refused = new(StringComparer.Ordinal);

    internal AuthFailures(RateLimiter limiter, ClientAddress addresses, IOptions<RateLimitOptions> options, TimeProvider clock) =>
        (_limiter, _addresses, _options, _clock) = (limiter, addresses, options.Value, clock);

    /// <summary>Counts a failure, and returns the answer to it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="refusal">The answer to a failure that is within the limit.</param>
    /// <returns><paramref name="refusal"/>, or the 429 when this address has failed too often.</returns>
    public async Task<Problem> AnswerAsync(HttpContext context, Problem refusal)
    {
        if (!_options.Enabled) return refusal;
        var address = CountedWindow.Hashed(_addresses.Of(context));
        var decision = Remembered(address) ?? await TakeAsync(address);
        if (decision.IsAdmitted) return refusal;
        decision.TellIn(context);
        return decision.ToProblem() with
        {
            Detail = "Too many requests from this address had a wrong credential or signature, or none where one is needed: more than "
                + $"{_options.AuthFailures.Limit.ToString(CultureInfo.InvariantCulture)} in {_options.AuthFailures.Window:c}. Correct it before you try again; "
                + "requests with a valid one are accepted at any time.",
        };
    }

    private async Task<RateLimitDecision> TakeAsync(string address)
    {
        var decision = await _limiter.TakeAsync(CountedWindow.Of(Policy, address, _options.AuthFailures));
        if (!decision.IsAdmitted) Remember(address, decision);
        return decision;
    }

    private RateLimitDecision? Remembered(string address)
    {
        if (!_refused.TryGetValue(address, out var refused)) return null;
        var left = refused.Decision.Wait - _clock.GetElapsedTime(refused.At);
        if (left > TimeSpan.Zero)
        {
            _limiter.RefusedBefore(Policy);
            return refused.Decision with { Wait = left };
        }

        _refused.TryRemove(address, out _);
        return null;
    }

    private void Remember(string address, RateLimitDecision decision)
    {
        if (_refused.Count >= MaxRemembered)
            foreach (var (other, refused) in _refused)
                if (_clock.GetElapsedTime(refused.At) >= refused.Decision.Wait) _refused.TryRemove(other, out _);
        if (_refused.Count < MaxRemembered) _refused[address] = new(decision, _clock.GetTimestamp());
    }

    private sealed record Refused(RateLimitDecision Decision, long At);
}
