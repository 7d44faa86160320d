using Npgsql;
using Query.Api.Database;

namespace Query.Api.Tests;

public sealed class ReadOnlyDatabaseTests(Databases databases)
{
    [Theory]
    [InlineData("INSERT INTO dead_letters (topic, partition, \"offset\", record_timestamp, reason, detail) VALUES ('t', 0, 0, now(), 'r', 'd')")]
    [InlineData("UPDATE transactions SET status = status")]
    [InlineData("DELETE FROM transactions")]
    [InlineData("CREATE TABLE mine (id int)")]
    public async Task A_write_through_the_services_own_connections_fails(string sql)
    {
        await using var query = new QueryService(databases.ConnectionString);
        await using var command = query.Database.CreateCommand(sql);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));

        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, refusal.SqlState);
        Assert.Equal("25006", refusal.SqlState);
    }

    [Fact]
    public async Task A_connection_that_comes_back_from_the_pool_is_still_read_only()
    {
        var onlyOne = new NpgsqlConnectionStringBuilder(databases.ConnectionString) { MaxPoolSize = 1 }.ConnectionString;
        await using var query = new QueryService(onlyOne);
        await using (var first = await query.Database.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var change = new NpgsqlCommand("SET default_transaction_read_only = off", first);
            await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var show = query.Database.CreateCommand("SHOW default_transaction_read_only");
        Assert.Equal("on", await show.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Options_that_the_connection_string_has_already_stay()
    {
        var withOptions = new NpgsqlConnectionStringBuilder(databases.ConnectionString) { Options = "-c statement_timeout=4321" }.ConnectionString;
        await using var query = new QueryService(withOptions);

        await using var timeout = query.Database.CreateCommand("SHOW statement_timeout");
        await using var readOnly = query.Database.CreateCommand("SHOW default_transaction_read_only");

        Assert.Equal("4321ms", await timeout.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.Equal("on", await readOnly.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_plan_is_made_for_a_table_that_was_empty_and_none_is_compiled()
    {
        await using var query = new QueryService(databases.ConnectionString);
        await using var settings = query.Database.CreateCommand("SELECT current_setting('enable_seqscan') || ' ' || current_setting('jit')");

        Assert.Equal("off off", await settings.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_the_connection_string_says_about_time_outs_and_preparing_stays()
    {
        var said = new NpgsqlConnectionStringBuilder("Host=h;Timeout=7;Command Timeout=8;Max Auto Prepare=9;Auto Prepare Min Usages=3");
        DatabaseFeature.Configure(said);
        Assert.Equal((7, 8, 9, 3), (said.Timeout, said.CommandTimeout, said.MaxAutoPrepare, said.AutoPrepareMinUsages));

        var silent = new NpgsqlConnectionStringBuilder("Host=h");
        DatabaseFeature.Configure(silent);
        Assert.Equal((3, 5), (silent.Timeout, silent.CommandTimeout));
    }

    [Fact]
    public async Task A_statement_that_is_used_again_is_prepared()
    {
        var onlyOne = new NpgsqlConnectionStringBuilder(databases.ConnectionString) { MaxPoolSize = 1 }.ConnectionString;
        await using var query = new QueryService(onlyOne);
        for (var i = 0; i < 3; i++) await query.GetProblemAsync("/v1/transactions/txn_prepared", 404);

        await using var prepared = query.Database.CreateCommand(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%transaction_id = ANY ($1)'");
        Assert.Equal(1L, await prepared.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }
}
