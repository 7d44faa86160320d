using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ServiceDefaults.RateLimits;

/// <summary>
/// The windows that all instances share: in Redis, each a sorted set with an entry for every request that was let through, its score the
/// time in microseconds. One script looks at all windows of a request and counts it in all or in none. Redis runs one script at a time and by
/// its own clock, so two instances whose clocks differ never let one more through between them.
/// </summary>
/// <remarks>A sliding log, not two buckets with a guess between them: the count is right to the request, for 100 bytes an entry.</remarks>
internal sealed class RedisWindows(RedisConnection connection, IOptions<RateLimitOptions> options, TimeProvider clock)
{
    /// <summary>
    /// The braces keep all keys on one node of a Redis Cluster, where a script may touch no two
    /// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
    /// </summary>
    private const string Prefix = "aspirewebhooks:{limits}:";

    // An entry is gone once it is exactly a window old, so every half-open stretch of that length holds at most the limit. Numbers are
    // written by string.format: Lua's own tostring keeps 14 digits, and microseconds have 16.
    private const string Script =
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local free, counts = true, {}
        for i, key in ipairs(KEYS) do
          redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - ARGV[2 * i + 1]))
          counts[i] = redis.call('ZCARD', key)
          free = free and counts[i] < tonumber(ARGV[2 * i])
        end
        local answer = { free and 1 or 0 }
        for i, key in ipairs(KEYS) do
          local limit, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
          if free and ARGV[1] ~= '' then
            redis.call('ZADD', key, string.format('%.0f', now), ARGV[1])
            redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(window / 1000)))
            counts[i] = counts[i] + 1
          end
          local at = math.max(0, counts[i] - limit)
          local first = redis.call('ZRANGE', key, at, at, 'WITHSCORES')
          answer[2 * i] = counts[i]
          answer[2 * i + 1] = first[2] and first[2] + window - now or 0
        end
        return answer
        """;

    /// <summary>Entries must differ, also those of two instances in one microsecond.</summary>
    private readonly string _instance = Guid.NewGuid().ToString("N");

    private long _last;

    /// <summary>Puts a request to its windows.</summary>
    /// <param name="windows">At least one.</param>
    /// <param name="take">False: only looks, and counts nothing.</param>
    /// <exception cref="RedisException">Redis is away, or refuses.</exception>
    /// <exception cref="TimeoutException">It did not answer in time. The request may have been counted: it is then counted twice, never not at all.</exception>
    public async Task<Counted> CountAsync(CountedWindow[] windows, bool take)
    {
        var database = connection.Database ?? throw new TimeoutException("There is no connection yet.");
        var keys = new RedisKey[windows.Length];
        var values = new RedisValue[1 + 2 * windows.Length];
        values[0] = take ? $"{_instance}:{Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture)}" : "";
        for (var i = 0; i < windows.Length; i++)
        {
            keys[i] = Prefix + windows[i].Key;
            values[1 + 2 * i] = windows[i].Limit;
            values[2 + 2 * i] = (long)windows[i].Length.TotalMicroseconds;
        }

        var answer = (long[]?)await database.ScriptEvaluateAsync(Script, keys, values).WaitAsync(options.Value.RedisTimeout, clock) ?? [];
        return new(answer[0] == 1, [.. windows.Select((window, i) =>
            new WindowState(window.Limit, (int)answer[1 + 2 * i], TimeSpan.FromMicroseconds(answer[2 + 2 * i])))]);
    }
}
