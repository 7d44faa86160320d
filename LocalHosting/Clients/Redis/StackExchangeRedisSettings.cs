namespace Aspire.StackExchange.Redis;

/// <summary>Settings of a Redis client; configuration section <c>Aspire:StackExchange:Redis[:name]</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>From <c>ConnectionStrings:name</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether it connects only when first used. Here it always does.</summary>
    public bool DisableAutoActivation { get; set; } = true;

    /// <summary>Whether it stays out of /health.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether its spans are left out. Here there are none: their instrumentation is a package that is not on the registry.</summary>
    public bool DisableTracing { get; set; }
}
