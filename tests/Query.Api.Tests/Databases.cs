using Data;
using LocalHosting.Servers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

[assembly: AssemblyFixture(typeof(Query.Api.Tests.Databases))]

namespace Query.Api.Tests;

/// <summary>One PostgreSQL for the whole assembly: the database <c>webhooks</c> with its schema, and more of them for tests that fill one.</summary>
public sealed class Databases : IAsyncLifetime
{
    private const string Template = "empty";

    private LocalServer? _server;
    private QueryService? _query;

    /// <summary>The connection string of <c>webhooks</c>, with the owner's rights.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The service on that database, for all tests that set nothing else: a start costs 0.2 s.</summary>
    internal QueryService Query => _query ?? throw new InvalidOperationException("Not yet started.");

    public async ValueTask InitializeAsync()
    {
        _server = await LocalServer.StartPostgresAsync();
        await MigrateAsync();
        ConnectionString = await CreateAsync("webhooks");
        _query = new QueryService(ConnectionString);
    }

    /// <summary>A database with the schema and no rows.</summary>
    public async Task<string> CreateAsync(string name)
    {
        await using var owner = NpgsqlDataSource.Create($"{_server!.ConnectionString};Pooling=false");
        await using var create = owner.CreateCommand($"CREATE DATABASE {name} TEMPLATE {Template}");
        await create.ExecuteNonQueryAsync();
        return $"{_server.ConnectionString};Database={name}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_query is not null) await _query.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    // Without a pool: a database that somebody is connected to cannot be a template.
    private async Task MigrateAsync()
    {
        var connectionString = $"{_server!.ConnectionString};Database={Template};Pooling=false";
        await using var context = new WebhooksDbContext(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(connectionString).Options);
        await context.Database.MigrateAsync();
    }
}
