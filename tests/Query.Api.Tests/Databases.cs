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
    private QueryService? _query;

    /// <summary>The connection string of <c>webhooks</c>, with the owner's rights.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The service on that database, for all tests that set nothing else: a start costs 0.2 s.</summary>
    internal QueryService Query => _query ?? throw new InvalidOperationException("Not yet started.");

    public async ValueTask InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddPostgres("postgres").AddDatabase("webhooks");
        _servers = await builder.BuildAsync();
        await _servers.StartAsync();
        await _servers.ResourceNotifications.WaitForResourceHealthyAsync("webhooks");
        ConnectionString = await _servers.GetConnectionStringAsync("webhooks") ?? throw new InvalidOperationException("No connection string.");
        await MigrateAsync(ConnectionString);
        _query = new QueryService(ConnectionString);
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
        if (_query is not null) await _query.DisposeAsync();
        if (_servers is not null) await _servers.DisposeAsync();
    }

    private static async Task MigrateAsync(string connectionString)
    {
        await using var context = new WebhooksDbContext(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(connectionString).Options);
        await context.Database.MigrateAsync();
    }
}
