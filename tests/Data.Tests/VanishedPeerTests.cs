using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Support;

namespace Data.Tests;

/// <summary>A service or its host vanishes without closing its connections.</summary>
public sealed class VanishedPeerTests(Database database)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_ends_of_a_services_connection_probe_it_and_every_wait_of_its_session_has_a_limit()
    {
        using var service = Service(database.ConnectionString);
        var source = service.Services.GetRequiredService<NpgsqlDataSource>();
        await using var command = source.CreateCommand(
            """
            SELECT name || '=' || setting || coalesce(unit, '') FROM pg_settings
            WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'tcp_keepalives_idle', 'tcp_keepalives_interval',
                'tcp_keepalives_count', 'tcp_user_timeout', 'client_connection_check_interval') ORDER BY 1
            """);
        await using var row = await command.ExecuteReaderAsync(Cancelled);
        var settings = new List<string>();
        while (await row.ReadAsync(Cancelled)) settings.Add(row.GetString(0));

        Assert.Equal(
            [
                "client_connection_check_interval=2000ms", "idle_in_transaction_session_timeout=10000ms", "statement_timeout=10000ms",
                "tcp_keepalives_count=3", "tcp_keepalives_idle=10s", "tcp_keepalives_interval=2s", "tcp_user_timeout=15000ms",
            ],
            settings);
        var client = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        Assert.Equal((true, 10_000, 2_000), (client.TcpKeepAlive, client.TcpKeepAliveTime, client.TcpKeepAliveInterval));
        Assert.Equal(12, client.CommandTimeout); // After the server's, which says more; on a connection that is dead there is no other.
    }

    [Fact]
    public async Task No_session_of_a_service_compiles_its_statements()
    {
        using var service = Service(database.ConnectionString);
        await using var command = service.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SHOW jit");
        Assert.Equal("off", await command.ExecuteScalarAsync(Cancelled));
    }

    [Fact]
    public async Task What_the_connection_string_says_about_these_limits_wins()
    {
        var given = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            TcpKeepAliveTime = 7_000,
            CommandTimeout = 7,
            Options = "-c statement_timeout=4321",
        };
        using var service = Service(given.ConnectionString);
        var source = service.Services.GetRequiredService<NpgsqlDataSource>();
        await using var command = source.CreateCommand("SHOW statement_timeout");

        Assert.Equal("4321ms", await command.ExecuteScalarAsync(Cancelled));
        var client = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        Assert.Equal((7_000, 7), (client.TcpKeepAliveTime, client.CommandTimeout));
    }

    [Fact]
    public async Task The_locks_of_a_service_that_vanished_in_its_transaction_are_released()
    {
        var direct = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var cable = new Cable(direct.Host!, direct.Port);
        using var service = Service(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = "127.0.0.1", Port = cable.Port }.ConnectionString);
        await database.RunAsync("INSERT INTO accounts (owner, kind, currency) VALUES ('user:vanished', 'user', 'USD')");
        await using var vanishing = await service.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Cancelled);
        await using var transaction = await vanishing.BeginTransactionAsync(Cancelled);
        await using (var take = new NpgsqlCommand("SELECT FROM accounts WHERE owner = 'user:vanished' FOR UPDATE", vanishing))
            await take.ExecuteNonQueryAsync(Cancelled);
        cable.Silence();

        // Another service waits for the lock as long as the server lets it: no time-out of the test's client decides.
        await using var other = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { CommandTimeout = 0 }.ConnectionString);
        await other.OpenAsync(Cancelled);
        await using var wait = new NpgsqlCommand("SELECT owner FROM accounts WHERE owner = 'user:vanished' FOR UPDATE", other);
        Assert.Equal("user:vanished", await wait.ExecuteScalarAsync(Cancelled).WaitAsync(TimeSpan.FromMinutes(1), Cancelled));
    }

    private static IHost Service(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:webhooks", connectionString)]);
        builder.AddWebhooksDatabase();
        return builder.Build();
    }
}
