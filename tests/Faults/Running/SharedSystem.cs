namespace Faults.Running;

/// <summary>
/// One system for the test classes in which no server is at fault, since each takes some 25 s to start and to stop. Each leaves it well and with nothing
/// left to do, and judges what it has itself sent and found.
/// </summary>
public sealed class SharedSystem : IAsyncLifetime
{
    /// <summary>The collection's name.</summary>
    public const string Name = "shared system";

    /// <summary>
    /// What is looked for is a request that breaks something, or is lost, not a disk that is slow for 5 s: commits may take long. Payments go through all their
    /// steps within seconds: the bank takes up to 2 s, its silence is noticed after 1, a claim ends after 3.
    /// </summary>
    internal static readonly (string Name, string Value)[] Services =
    [
        ("Accept__CommitTimeout", "00:00:30"), ("RateLimits__Global__Limit", "1000000"), ("Bank__MinDelay", "00:00:00.100"), ("Bank__MaxDelay", "00:00:02"),
        ("Bank__Timeout", "00:00:01"), ("Payments__Lease", "00:00:03"), ("Payments__CallbackTimeout", "00:00:05"), ("Payments__RetryBase", "00:00:00.200"),
    ];

    internal RunningSystem System { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() =>
        System = await RunningSystem.StartAsync(Settings.Read() with { IsLong = false }, CancellationToken.None, Services);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => System.DisposeAsync();
}

/// <summary>Tells xunit who shares it.</summary>
[CollectionDefinition(SharedSystem.Name)]
public sealed class SharedSystemCollection : ICollectionFixture<SharedSystem>;
