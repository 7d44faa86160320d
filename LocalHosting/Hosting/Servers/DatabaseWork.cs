using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Running;
using Npgsql;

namespace LocalHosting.Servers;

/// <summary>A database on a server of ours: created where it is not there.</summary>
internal sealed class DatabaseWork(PostgresDatabaseResource resource) : IWork
{
    public IReadOnlyList<Child> Children => [];

    public Task StartAsync(CancellationToken ct) => Task.CompletedTask;

    public async Task<string> ReadyAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection($"{await resource.Parent.GetConnectionStringAsync(ct)};Pooling=false");
        await connection.OpenAsync(ct);
        await using var find = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = resource.DatabaseName } } };
        if (await find.ExecuteScalarAsync(ct) is not null)
            return "database found";
        await using var create = new NpgsqlCommand($"CREATE DATABASE \"{resource.DatabaseName.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
        await create.ExecuteNonQueryAsync(ct);
        return "database created";
    }

    public Task StopAsync() => Task.CompletedTask;
}
