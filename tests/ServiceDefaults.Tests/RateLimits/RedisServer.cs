using Aspire.Hosting;
using Aspire.Hosting.Testing;

[assembly: AssemblyFixture(typeof(ServiceDefaults.Tests.RateLimits.RedisServer))]

namespace ServiceDefaults.Tests.RateLimits;

/// <summary>One Redis for the whole assembly; each test has keys of its own.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private DistributedApplication? _app;

    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddRedis("redis");
        _app = await builder.BuildAsync();
        await _app.StartAsync();
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("redis");
        ConnectionString = await _app.GetConnectionStringAsync("redis") ?? throw new InvalidOperationException("No connection string.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }
}
