using LocalHosting.Servers;

[assembly: AssemblyFixture(typeof(ServiceDefaults.Tests.RateLimits.RedisServer))]

namespace ServiceDefaults.Tests.RateLimits;

/// <summary>One Redis for the whole assembly; each test has keys of its own.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private LocalServer? _server;

    public string ConnectionString => _server!.ConnectionString;

    public async ValueTask InitializeAsync() => _server = await LocalServer.StartRedisAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}
