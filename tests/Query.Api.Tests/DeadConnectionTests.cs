using Npgsql;
using Support;

namespace Query.Api.Tests;

/// <summary>Pooled connections die while the service rests; the database itself is available.</summary>
public sealed class DeadConnectionTests(Databases databases)
{
    private const string List = "/v1/transactions?limit=1", Lookup = "/v1/transactions/txn_unknown";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, InlineData(List, 200), InlineData(Lookup, 404)]
    public async Task A_read_whose_connection_the_server_has_ended_is_repeated_on_a_new_one(string path, int status)
    {
        var named = new NpgsqlConnectionStringBuilder(databases.ConnectionString) { ApplicationName = $"ended {path}" };
        await using var query = new QueryService(named.ConnectionString);
        await AssertStatusAsync(query, path, status);
        await EndAsync(named.ApplicationName!);

        await AssertStatusAsync(query, path, status);
    }

    [Theory, InlineData(List, 200), InlineData(Lookup, 404)]
    public async Task A_read_whose_connection_carries_nothing_any_more_is_repeated_on_a_new_one(string path, int status)
    {
        var direct = new NpgsqlConnectionStringBuilder(databases.ConnectionString);
        await using var cable = new Cable(direct.Host!, direct.Port);

        // The time-out of the first attempt is the only wait here; a second is enough to see it.
        var connection = new NpgsqlConnectionStringBuilder(databases.ConnectionString) { Host = "127.0.0.1", Port = cable.Port, CommandTimeout = 1 };
        await using var query = new QueryService(connection.ConnectionString);
        await AssertStatusAsync(query, path, status);
        cable.Silence();

        await AssertStatusAsync(query, path, status);
    }

    private static async Task AssertStatusAsync(QueryService query, string path, int status)
    {
        using var response = await query.GetAsync(path);
        Assert.True(status == (int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled));
    }

    // As a restart of the server does.
    private async Task EndAsync(string applicationName)
    {
        await using var owner = NpgsqlDataSource.Create(databases.ConnectionString);
        await using var end = owner.CreateCommand("SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity WHERE application_name = $1");
        end.Parameters.Add(new() { Value = applicationName });
        Assert.NotEqual(0L, await end.ExecuteScalarAsync(Cancelled));
    }
}
