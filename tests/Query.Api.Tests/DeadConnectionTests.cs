using Npgsql;
using Query.Api.Tests.Payments;
using Support;

namespace Query.Api.Tests;

/// <summary>Pooled connections die while the service rests; the database itself is available.</summary>
public sealed class DeadConnectionTests(Databases databases)
{
    private const string List = "/v1/transactions?limit=1", Lookup = "/v1/transactions/txn_unknown";
    private const string Deposits = "/api/v1/deposits", Deposit = "/api/v1/deposits/999999", DeadLetters = "/admin/dead-letters";
    private const string Balance = "/api/v1/users/ME/balance", History = "/api/v1/users/ME/transactions";

    private static readonly (string Name, string Value) AdminKey = ("Auth:AdminKeys:0", "an-admin-key-for-tests");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Every kind of read: an id's batch, EF Core's, a user's key that is looked up first, and what that user then reads.</summary>
    public static TheoryData<string, int> Reads =>
        new((List, 200), (Lookup, 404), (Deposits, 200), (Deposit, 404), (Balance, 200), (History, 200), (DeadLetters, 200));

    [Theory, MemberData(nameof(Reads))]
    public async Task A_read_whose_connection_the_server_has_ended_is_repeated_on_a_new_one(string path, int status)
    {
        var payer = await Payers.AddUserAsync(databases.ConnectionString);
        var named = new NpgsqlConnectionStringBuilder(databases.ConnectionString) { ApplicationName = $"ended {path}" };
        await using var query = new QueryService(named.ConnectionString, AdminKey);
        await AssertStatusAsync(query, payer, path, status);
        await EndAsync(named.ApplicationName!);

        await AssertStatusAsync(query, payer, path, status);
    }

    [Theory, MemberData(nameof(Reads))]
    public async Task A_read_whose_connection_carries_nothing_any_more_is_repeated_on_a_new_one(string path, int status)
    {
        var payer = await Payers.AddUserAsync(databases.ConnectionString);
        var direct = new NpgsqlConnectionStringBuilder(databases.ConnectionString);
        await using var cable = new Cable(direct.Host!, direct.Port);

        // The time-out of the first attempt is the only wait here; a second is enough to see it.
        var connection = new NpgsqlConnectionStringBuilder(databases.ConnectionString) { Host = "127.0.0.1", Port = cable.Port, CommandTimeout = 1 };
        await using var query = new QueryService(connection.ConnectionString, AdminKey);
        await AssertStatusAsync(query, payer, path, status);
        cable.Silence();

        await AssertStatusAsync(query, payer, path, status);
    }

    [Fact]
    public async Task A_read_whose_prepared_statement_a_migration_has_changed_is_repeated_on_a_new_connection()
    {
        var connection = await databases.CreateAsync("migrated");
        await using var query = new QueryService(connection);
        for (var i = 0; i < 5; i++) Assert.Equal(404, await StatusAsync(query, Lookup));
        await using var owner = NpgsqlDataSource.Create(connection);
        await using var migrate = owner.CreateCommand("ALTER TABLE transactions ALTER COLUMN failure_reason TYPE varchar");
        await migrate.ExecuteNonQueryAsync(Cancelled);

        Assert.Equal(404, await StatusAsync(query, Lookup));
    }

    private static async Task AssertStatusAsync(QueryService query, Payer payer, string path, int status)
    {
        var key = path == DeadLetters ? AdminKey.Value : payer.Key;
        using var response = await query.AskAsync(key, path.Replace("ME", $"{payer.Id}", StringComparison.Ordinal));
        Assert.True(status == (int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled));
    }

    private static async Task<int> StatusAsync(QueryService query, string path)
    {
        using var response = await query.GetAsync(path);
        return (int)response.StatusCode;
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
