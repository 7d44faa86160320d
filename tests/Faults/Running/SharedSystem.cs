namespace Faults.Running;

/// <summary>
/// One system for the test classes in which no server is at fault, since each takes some 25 s to start and to stop. Each leaves it well and with nothing left
/// to do, and judges what it has itself sent and found.
/// </summary>
public sealed class SharedSystem : IAsyncLifetime
{
    /// <summary>The collection's name.</summary>
    public const string Name = "shared system";

    internal RunningSystem System { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        // What is looked for is a request that breaks something, or is lost, not a disk that is slow for 5 s.
        System = await RunningSystem.StartAsync(Settings.Read() with { IsLong = false }, CancellationToken.None, ("Accept__CommitTimeout", "00:00:30"));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => System.DisposeAsync();
}

/// <summary>Tells xunit who shares it.</summary>
[CollectionDefinition(SharedSystem.Name)]
public sealed class SharedSystemCollection : ICollectionFixture<SharedSystem>;
