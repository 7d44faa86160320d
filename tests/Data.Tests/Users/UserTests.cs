using Data.Users;
using Npgsql;

namespace Data.Tests.Users;

public class UserTests(Database database)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void A_key_is_new_each_time_and_is_not_in_what_is_printed_of_it()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => ApiKey.New()).ToArray();
        Assert.Equal(100, keys.Select(key => key.Text).Distinct().Count());
        Assert.All(keys, key => Assert.True(ApiKey.IsWellFormed(key.Text)));
        Assert.All(keys, key => Assert.Equal(ApiKey.HashOf(key.Text), key.Hash));
        Assert.All(keys, key => Assert.DoesNotContain(key.Text, $"{key}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ak_")]
    [InlineData("ak_0123456789012345678901234567890123456789012 ")]
    [InlineData("AK_0123456789012345678901234567890123456789012")]
    [InlineData("ak_01234567890123456789012345678901234567890123")]
    [InlineData("ak_012345678901234567890123456789012345678901")]
    [InlineData("ak_01234567890123456789012345678901234567890.2")]
    [InlineData("ak_012345678901234567890123456789012345678901ä")]
    public void What_cannot_be_a_key_is_not_looked_for(string text) => Assert.False(ApiKey.IsWellFormed(text));

    [Fact]
    public async Task A_user_is_found_by_their_key_and_by_nobody_elses()
    {
        var (key, other) = (ApiKey.New(), ApiKey.New());
        var id = await AddAsync("found@example.com", key, isAdmin: true);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);

        Assert.Equal((id, true), await FindUser.ByApiKeyAsync(source, key.Text, Cancelled));
        Assert.Null(await FindUser.ByApiKeyAsync(source, other.Text, Cancelled));
        Assert.Equal(id, (await FindUser.ByEmailAsync(source, "found@example.com", Cancelled))?.Id);
        Assert.Null(await FindUser.ByEmailAsync(source, "found@example.co", Cancelled));

        Assert.Equal(key.Hash, await FindUser.KeyHashAsync(source, id, Cancelled));
        Assert.Equal("found@example.com", await ReplaceKey.RunAsync(source, id, key.Hash, other.Hash, Cancelled));
        Assert.Null(await FindUser.ByApiKeyAsync(source, key.Text, Cancelled));
        Assert.Equal((id, true), await FindUser.ByApiKeyAsync(source, other.Text, Cancelled));
    }

    [Fact]
    public async Task A_key_is_replaced_by_who_knows_which_it_is_and_the_same_again_changes_nothing()
    {
        var (key, next, late) = (ApiKey.New(), ApiKey.New(), ApiKey.New());
        var id = await AddAsync("replaced@example.com", key);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);

        Assert.Equal("replaced@example.com", await ReplaceKey.RunAsync(source, id, key.Hash, next.Hash, Cancelled));
        Assert.Equal("replaced@example.com", await ReplaceKey.RunAsync(source, id, key.Hash, next.Hash, Cancelled));
        Assert.Null(await ReplaceKey.RunAsync(source, id, key.Hash, late.Hash, Cancelled));
        Assert.Equal(next.Hash, await FindUser.KeyHashAsync(source, id, Cancelled));
        Assert.Null(await FindUser.KeyHashAsync(source, long.MaxValue, Cancelled));
        Assert.Null(await ReplaceKey.RunAsync(source, long.MaxValue, key.Hash, next.Hash, Cancelled));
    }

    [Theory]
    [InlineData("SELECT id, is_admin FROM users WHERE api_key_hash = sha256('x')", "users_api_key_hash")]
    [InlineData("SELECT id FROM users WHERE email = 'x'", "users_email")]
    public async Task A_lookup_is_by_a_unique_index(string sql, string index)
    {
        var plan = await database.ReadAsync($"SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN {sql}");
        Assert.Contains($"using {index} on users", plan[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'Upper@example.com', 'USD', sha256('k')", "users_email_lower")]
    [InlineData("'', 'USD', sha256('k')", "users_email_length")]
    [InlineData("'a@example.com', 'usd', sha256('k')", "users_currency_iso")]
    [InlineData("'a@example.com', 'USD', 'ak_the_key_itself'", "users_api_key_hash_sha256")]
    public async Task A_user_that_cannot_be_right_is_refused(string values, string constraint)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => database.RunAsync($"INSERT INTO users (email, currency, api_key_hash) VALUES ({values})"));
        Assert.Equal((PostgresErrorCodes.CheckViolation, constraint), (refused.SqlState, refused.ConstraintName));
    }

    [Fact]
    public async Task Who_is_there_already_is_not_added_and_keeps_their_key()
    {
        var key = ApiKey.New();
        await AddAsync("twice@example.com", key);
        Assert.Equal(0, await AddAsync("twice@example.com", ApiKey.New()));
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        Assert.NotNull(await FindUser.ByApiKeyAsync(source, key.Text, Cancelled));
    }

    private async Task<long> AddAsync(string email, ApiKey key, bool isAdmin = false)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var user = await CreateUser.RunAsync(connection, email, "USD", isAdmin, key.Hash, Cancelled);
        await transaction.CommitAsync(Cancelled);
        return user?.Id ?? 0;
    }
}
