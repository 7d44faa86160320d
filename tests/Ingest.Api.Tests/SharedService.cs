namespace Ingest.Api.Tests;

/// <summary>One service for a class of tests that each have ids of their own.</summary>
public sealed class SharedService(Servers servers) : IAsyncLifetime
{
    internal IngestService Ingest { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Ingest = await IngestService.StartAsync(servers);

    public ValueTask DisposeAsync() => Ingest.DisposeAsync();
}
