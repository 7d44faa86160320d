using LocalHosting.Running;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Tests.Running;

public sealed class ProxyTests
{
    private const string Direct = "Host=127.0.0.1;Port=5432;Username=postgres;Password=Port1;Database=webhooks";

    private static readonly IConfiguration Configuration = new ConfigurationBuilder()
        .AddInMemoryCollection([
            new("LocalHosting:Proxies:webhooks:ingest-api", "21000"), new("LocalHosting:Proxies:broker", "21001"), new("LocalHosting:Proxies:redis:ingest-api", "21002"),
        ]).Build();

    [Fact]
    public void A_user_of_a_database_is_told_its_proxys_port_and_nobody_else_is()
    {
        Assert.Equal(Direct.Replace("5432", "21000", StringComparison.Ordinal), Proxies.Through(Configuration, "webhooks", "ingest-api", Direct));
        Assert.Equal(Direct, Proxies.Through(Configuration, "webhooks", "query-api", Direct));
        Assert.Null(Proxies.Through(Configuration, "webhooks", "ingest-api", null));
    }

    [Theory]
    [InlineData("127.0.0.1:6379,password=a1:2,ssl=true", "127.0.0.1:21002,password=a1:2,ssl=true")]
    [InlineData("localhost:6379", "localhost:21002")]
    public void A_user_of_a_Redis_is_told_its_proxys_port(string direct, string through)
    {
        Assert.Equal(through, Proxies.Through(Configuration, "redis", "ingest-api", direct));
        Assert.Equal(direct, Proxies.Through(Configuration, "redis", "query-api", direct));
    }

    [Fact]
    public void A_broker_has_one_proxy_for_all_its_clients()
    {
        Assert.Equal(21001, Proxies.PortFor(Configuration, "broker"));
        Assert.Null(Proxies.PortFor(Configuration, "other"));
    }
}
