using System.Data;
using Npgsql;
using Support;

namespace Ingest.Api.Tests;

/// <summary>A database, as a test looks into it and meddles with it.</summary>
internal sealed class Database(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create($"{connectionString};Maximum Pool Size=5;Application Name=test");

    public string ConnectionString => connectionString;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public NpgsqlCommand CreateCommand(string sql) => _source.CreateCommand(sql);

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    public async Task<T> ReadAsync<T>(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancelled) ?? throw new InvalidOperationException($"No row: {sql}"));
    }

    /// <summary>The ids stored, in order; of those that begin so.</summary>
    public async Task<string[]> IdsAsync(string beginning = "") => await ReadAsync<string[]>(
        $"SELECT coalesce(array_agg(transaction_id ORDER BY transaction_id), '{{}}') FROM transactions WHERE starts_with(transaction_id, '{beginning}')");

    /// <summary>Holds the table until disposed: whoever inserts waits.</summary>
    public Task<IAsyncDisposable> LockTransactionsAsync() => LockAsync("LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE");

    /// <summary>Holds the lock that a statement takes, until disposed.</summary>
    public async Task<IAsyncDisposable> LockAsync(string statement)
    {
        var connection = await _source.OpenConnectionAsync(Cancelled);
        await using var command = new NpgsqlCommand($"BEGIN; {statement}", connection);
        await command.ExecuteNonQueryAsync(Cancelled);
        return new Held(connection);
    }

    /// <summary>Completes when that many of the service's statements wait for the lock.</summary>
    public Task WaitForBlockedAsync(int count)
    {
        const string Blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        return Eventually.TrueAsync(async _ => await ReadAsync<long>(Blocked) == count, Cancelled);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private sealed class Held(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (connection.State != ConnectionState.Open) return;
            await using (var command = new NpgsqlCommand("ROLLBACK", connection)) await command.ExecuteNonQueryAsync(Cancelled);
            await connection.DisposeAsync();
        }
    }
}
