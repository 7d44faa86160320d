using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ServiceDefaults.RateLimits;

/// <summary>
/// Admits or refuses requests by counts in Redis, and by counts in this process while Redis is unavailable. After a failure Redis is not asked for
/// <see cref="RateLimitOptions.RedisPause"/>; then one request tries it while the others go on, and a success brings all back.
/// </summary>
internal sealed partial class RateLimiter : IDisposable
{
    internal const string MeterName = "AspireWebhooks.RateLimits";

    private readonly RedisWindows? _redis;
    private readonly LocalWindows _local;
    private readonly TimeSpan _pause;
    private readonly TimeProvider _clock;
    private readonly ILogger<RateLimiter> _logger;
    private readonly Meter _meter;
    private readonly Counter<long> _answered;
    private readonly Counter<long> _withoutRedis;

    private bool _isAway;
    private long _awaySince;

    // Without a connection string there is no RedisWindows; only this process counts.
    public RateLimiter(IOptions<RateLimitOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<RateLimiter> logger, RedisWindows? redis = null)
    {
        (_redis, _clock, _logger, _pause) = (redis, clock, logger, options.Value.RedisPause);
        _local = new(clock);
        _meter = meters.Create(MeterName);
        _answered = _meter.CreateCounter<long>(
            "aspirewebhooks.rate_limits.answered", "{request}", "Requests that a limit was applied to, by limit and outcome");
        _withoutRedis = _meter.CreateCounter<long>(
            "aspirewebhooks.rate_limits.without_redis", "{request}", "Requests that were counted in this process because Redis was unavailable");
        if (redis is null) NoRedis();
    }

    /// <summary>Counts a request in all of its windows when each has room, otherwise in none.</summary>
    public Task<RateLimitDecision> TakeAsync(params CountedWindow[] windows) => DecideAsync(windows, take: true);

    /// <summary>Returns whether a request would be admitted; counts nothing.</summary>
    public Task<RateLimitDecision> LookAsync(params CountedWindow[] windows) => DecideAsync(windows, take: false);

    /// <summary>Counts in the metric a request that was refused without asking.</summary>
    public void RefusedBefore(string policy) => Answered(policy, isAdmitted: false);

    public void Dispose() => _meter.Dispose();

    private async Task<RateLimitDecision> DecideAsync(CountedWindow[] windows, bool take)
    {
        var counted = await ByRedisAsync(windows, take) ?? _local.Count(windows, take);
        foreach (var window in windows) Answered(window.Policy, counted.IsAdmitted);
        return RateLimitDecision.Of(counted, _clock.GetUtcNow());
    }

    private void Answered(string policy, bool isAdmitted) => _answered.Add(1, new("limit", policy), new("outcome", isAdmitted ? "admitted" : "refused"));

    // Null while Redis is unavailable.
    private async Task<Counted?> ByRedisAsync(CountedWindow[] windows, bool take)
    {
        if (_redis is null) return null;
        if (MayAsk())
        {
            try
            {
                var counted = await _redis.CountAsync(windows, take);
                if (Interlocked.Exchange(ref _isAway, false)) Back();
                if (counted.IsAdmitted && take) _local.Note(windows);
                return counted;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
            {
                Volatile.Write(ref _awaySince, _clock.GetTimestamp());
                if (!Interlocked.Exchange(ref _isAway, true)) Away(exception.Message);
            }
        }

        _withoutRedis.Add(1);
        return null;
    }

    // While Redis is unavailable: one request after each pause.
    private bool MayAsk()
    {
        if (!Volatile.Read(ref _isAway)) return true;
        var since = Volatile.Read(ref _awaySince);
        return _clock.GetElapsedTime(since) >= _pause && Interlocked.CompareExchange(ref _awaySince, _clock.GetTimestamp(), since) == since;
    }

    [LoggerMessage(120, LogLevel.Warning, "Redis does not respond: rate limits are counted in this process until it does ({Reason})")]
    private partial void Away(string reason);

    [LoggerMessage(121, LogLevel.Information, "Redis responds again: rate limits are counted across all instances")]
    private partial void Back();

    [LoggerMessage(122, LogLevel.Information, "There is no connection string 'redis' (ConnectionStrings__redis): rate limits are counted in this process only")]
    private partial void NoRedis();
}
