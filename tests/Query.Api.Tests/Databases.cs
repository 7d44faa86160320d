using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

[assembly: AssemblyFixture(typeof(Query.Api.Tests.Databases))]

namespace Query.Api.Tests;

/// <summary>One PostgreSQL for the whole assembly: the database <c>webhooks</c> with its schema, and more of them for tests that fill one.</summary>
public sealed class Databases : IAsyncLifetime
{
    private DistributedApplication? _servers;

    /// <summary>The connection string of <c>webhooks</c>, with the owner's rights.</summary>
    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddPostgres("postgres").AddDatabase("webhooks");
        _servers = await builder.BuildAsync();
        await _servers.StartAsync();
        await _servers.ResourceNotifications.WaitForResourceHealthyAsync("webhooks");
        ConnectionString = await _servers.GetConnectionStringAsync("webhooks") ?? throw new InvalidOperationException("No connection string.");
        await MigrateAsync(ConnectionString);
    }

    /// <summary>A second database, with the schema.</summary>
    public async Task<string> CreateAsync(string name)
    {
        await using (var owner = NpgsqlDataSource.Create(ConnectionString))
        await using (var create = owner.CreateCommand($"CREATE DATABASE {name}"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var connectionString = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
        await MigrateAsync(connectionString);
        return connectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_servers is not null) await _servers.DisposeAsync();
    }

    private static async Task MigrateAsync(string connectionString)
    {
        await using var context = new WebhooksDbContext(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(connectionString).Options);
        await context.Database.MigrateAsync();
    }
}
