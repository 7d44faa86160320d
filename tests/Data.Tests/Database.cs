using Data.Tests;
using LocalHosting.Servers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

[assembly: AssemblyFixture(typeof(Database))]

namespace Data.Tests;

/// <summary>A PostgreSQL server with one migrated database, which tests only read or write rows of their own to.</summary>
public sealed class Database : IAsyncLifetime
{
    private LocalServer? _server;
    private int _others;

    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _server = await LocalServer.StartPostgresAsync();
        ConnectionString = $"{_server.ConnectionString};Database=webhooks";
        await using var context = Open();
        await context.Database.MigrateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    public WebhooksDbContext Open(string? connectionString = null) =>
        new(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(connectionString ?? ConnectionString).Options);

    /// <summary>An empty database beside the migrated one; returns its connection string.</summary>
    public async Task<string> CreateEmptyAsync()
    {
        var name = $"empty_{Interlocked.Increment(ref _others)}";
        await RunAsync($"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    public async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Rows of strings.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(string sql, string? connectionString = null)
    {
        await using var connection = new NpgsqlConnection(connectionString ?? ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        return rows;
    }
}
