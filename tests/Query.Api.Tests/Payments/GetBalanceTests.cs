namespace Query.Api.Tests.Payments;

public sealed class GetBalanceTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;

    [Theory]
    [InlineData("USD", "750.00", "500.00", "250.00")]
    [InlineData("JPY", "750", "500", "250")]
    public async Task What_is_promised_is_not_available(string currency, string balance, string available, string held)
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString, currency, balance: 750, held: 250);

        using var response = await _query.AskAsync(alice.Key, $"/api/v1/users/{alice.Id}/balance");

        Assert.Equal(
            $$"""{"user_id":{{alice.Id}},"balance":"{{balance}}","available":"{{available}}","held":"{{held}}","currency":"{{currency}}"}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Anothers_is_forbidden_whether_there_is_such_a_user_or_not()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var bob = await Payers.AddUserAsync(databases.ConnectionString);

        foreach (var user in (long[])[bob.Id, long.MaxValue])
        {
            foreach (var what in (string[])["balance", "transactions"])
                Assert.Equal("forbidden", (await _query.JsonAsync(alice.Key, $"/api/v1/users/{user}/{what}", 403)).GetProperty("error").GetString());
        }

        await _query.JsonAsync(alice.Key, "/api/v1/users/me/balance", 404);
    }

    [Fact]
    public async Task It_is_told_ten_times_a_minute_and_then_when_to_come_again()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var bob = await Payers.AddUserAsync(databases.ConnectionString);
        for (var left = 9; left >= 0; left--)
        {
            using var told = await _query.AskAsync(alice.Key, $"/api/v1/users/{alice.Id}/balance");
            Assert.Equal(
                (200, "10", $"{left}"),
                ((int)told.StatusCode, told.Headers.GetValues("X-RateLimit-Limit").Single(), told.Headers.GetValues("X-RateLimit-Remaining").Single()));
        }

        using var refused = await _query.AskAsync(alice.Key, $"/api/v1/users/{alice.Id}/balance");
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        await _query.JsonAsync(bob.Key, $"/api/v1/users/{bob.Id}/balance");
    }

    [Fact]
    public async Task What_the_portal_reads_of_it_uses_up_none_of_the_users_ten()
    {
        const string PortalKey = "a-portal-key-for-these-tests";
        await using var query = new QueryService(databases.ConnectionString, ("RateLimits:PortalKey", PortalKey));
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        query.Client.DefaultRequestHeaders.Add("X-Portal-Key", PortalKey);
        for (var left = 599; left >= 588; left--) Assert.Equal(("600", $"{left}"), await LeftAsync(query, alice));

        query.Client.DefaultRequestHeaders.Remove("X-Portal-Key");
        query.Client.DefaultRequestHeaders.Add("X-Portal-Key", "another-portal-key-for-these-tests");
        Assert.Equal(("10", "9"), await LeftAsync(query, alice));
    }

    private static async Task<(string Limit, string Left)> LeftAsync(QueryService query, Payer payer)
    {
        using var told = await query.AskAsync(payer.Key, $"/api/v1/users/{payer.Id}/balance");
        return (told.Headers.GetValues("X-RateLimit-Limit").Single(), told.Headers.GetValues("X-RateLimit-Remaining").Single());
    }
}
