namespace ServiceDefaults.RateLimits;

/// <summary>The rate limits. Section <c>RateLimits</c>.</summary>
public sealed class RateLimitOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "RateLimits";

    /// <summary>The value in AppHost/appsettings.json, so that a laptop needs no set-up. It is public, so it is accepted in Development only.</summary>
    public const string DevelopmentPortalKey = "development-portal-key-change-me";

    private const int MinPortalKey = 16;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>False turns all limits off; responses then have no X-RateLimit headers.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>All requests to /api/v1 and /webhooks/bank-callback together whose credential was verified.</summary>
    public RateLimitRule Global { get; set; } = new() { Limit = 1000, Window = Minute };

    /// <summary>Reading a balance, per caller.</summary>
    public RateLimitRule Balance { get; set; } = new() { Limit = 10, Window = Minute };

    /// <summary>Reading a user's transactions, per caller.</summary>
    public RateLimitRule History { get; set; } = new() { Limit = 20, Window = Minute };

    /// <summary>
    /// Requests of the portal's pages, which come with <see cref="PortalKey"/>, per caller: they are counted here and in none of the three above, so that who
    /// looks at a page uses up nothing of what their programs may ask.
    /// </summary>
    public RateLimitRule Portal { get; set; } = new() { Limit = 600, Window = Minute };

    /// <summary>
    /// What the portal sends as <c>X-Portal-Key</c>, at least 16 characters; without it no request is the portal's. It opens nothing: it only says where a
    /// request is counted.
    /// </summary>
    public string? PortalKey { get; set; }

    /// <summary>Failed logins, per address and per e-mail.</summary>
    public RateLimitRule LoginFailures { get; set; } = new() { Limit = 5, Window = Minute };

    /// <summary>
    /// Requests whose credential or signature failed verification, per address, apart from logins. Valid requests from that address are neither counted
    /// nor refused. A person who mistypes a key sends a few; a sender whose key was replaced sends many, and is told 401 often enough to find out why.
    /// </summary>
    public RateLimitRule AuthFailures { get; set; } = new() { Limit = 60, Window = Minute };

    /// <summary>
    /// How long Redis may take. It responds within a millisecond; after this time the server hangs or the network is cut, and the request is counted
    /// in this process instead.
    /// </summary>
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long Redis is not asked after a failure; then one request tries it. Without this pause every request would wait for its time-out.</summary>
    public TimeSpan RedisPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What is invalid, with each setting's name; empty when all are valid.</summary>
    /// <param name="isDevelopment">Whether the value that everybody knows may serve.</param>
    internal IEnumerable<string> Faults(bool isDevelopment)
    {
        (string Name, RateLimitRule Rule)[] rules =
        [
            (nameof(Global), Global), (nameof(Balance), Balance), (nameof(History), History),
            (nameof(Portal), Portal), (nameof(LoginFailures), LoginFailures), (nameof(AuthFailures), AuthFailures),
        ];
        foreach (var (name, rule) in rules)
        {
            if (rule.Limit is < 1 or > RateLimitRule.MaxLimit)
                yield return $"RateLimits__{name}__Limit must be between 1 and {RateLimitRule.MaxLimit} requests; "
                    + "RateLimits__Enabled=false turns all limits off.";
            if (rule.Window < RateLimitRule.MinWindow || rule.Window > RateLimitRule.MaxWindow)
                yield return $"RateLimits__{name}__Window must be between {RateLimitRule.MinWindow:c} and {RateLimitRule.MaxWindow:c}, such as 00:01:00.";
        }

        if (PortalKey is { Length: > 0 and < MinPortalKey })
            yield return $"RateLimits__PortalKey must have at least {MinPortalKey} characters, such as what `openssl rand -base64 32` prints.";
        if (!isDevelopment && PortalKey == DevelopmentPortalKey)
            yield return $"RateLimits__PortalKey: {DevelopmentPortalKey} is known to everybody and serves in Development only. Set a key of your own "
                + "(with the AppHost: Parameters__portal_key).";
        if (RedisTimeout < TimeSpan.FromMilliseconds(1) || RedisTimeout > TimeSpan.FromSeconds(10))
            yield return "RateLimits__RedisTimeout must be between 00:00:00.001 and 00:00:10, such as 00:00:00.250.";
        if (RedisPause < TimeSpan.FromMilliseconds(1) || RedisPause > Minute)
            yield return "RateLimits__RedisPause must be between 00:00:00.001 and 00:01:00, such as 00:00:01.";
    }
}

/// <summary>A number of requests in any period of a length.</summary>
public sealed class RateLimitRule
{
    /// <summary>Each admitted request is an entry of its window; this many take a few hundred MB.</summary>
    internal const int MaxLimit = 1_000_000;

    internal static readonly TimeSpan MinWindow = TimeSpan.FromMilliseconds(100);
    internal static readonly TimeSpan MaxWindow = TimeSpan.FromDays(1);

    /// <summary>Requests.</summary>
    public int Limit { get; set; }

    /// <summary>The length of the window, which slides: it always ends now.</summary>
    public TimeSpan Window { get; set; }
}
