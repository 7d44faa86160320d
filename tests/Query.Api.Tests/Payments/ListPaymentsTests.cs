using System.Text.Json;
using Data.Payments;

namespace Query.Api.Tests.Payments;

public sealed class ListPaymentsTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;

    [Fact]
    public async Task Pages_by_offset_and_by_cursor_show_each_payment_once_and_the_newest_first()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var ids = new List<long>();
        for (var i = 0; i < 7; i++) ids.Insert(0, await Payers.AddPaymentAsync(databases.ConnectionString, alice));

        var byOffset = new List<long>();
        for (var offset = 0; ; offset += 3)
        {
            var page = await _query.JsonAsync(alice.Key, $"/api/v1/deposits?limit=3&offset={offset}");
            byOffset.AddRange(Ids(page));
            Assert.Equal((7, 3, offset), (Number(page, "total"), Number(page, "limit"), Number(page, "offset")));
            Assert.Equal(page.GetProperty("has_more").GetBoolean(), page.GetProperty("next_cursor").ValueKind != JsonValueKind.Null);
            if (!page.GetProperty("has_more").GetBoolean()) break;
        }

        var byCursor = new List<long>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await _query.JsonAsync(alice.Key, $"/api/v1/deposits?limit=3&cursor={cursor}");
            byCursor.AddRange(Ids(page));
            Assert.Equal((7, 0), (Number(page, "total"), Number(page, "offset")));
            cursor = page.GetProperty("next_cursor").GetString();
        }

        Assert.Equal(ids, byOffset);
        Assert.Equal(ids, byCursor);
        Assert.Empty(Ids(await _query.JsonAsync(alice.Key, "/api/v1/deposits?offset=7")));
    }

    [Fact]
    public async Task A_list_shows_the_callers_own_of_its_type_and_status()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var bob = await Payers.AddUserAsync(databases.ConnectionString);
        var pending = await Payers.AddPaymentAsync(databases.ConnectionString, alice, status: PaymentStatus.Pending);
        var failed = await Payers.AddPaymentAsync(databases.ConnectionString, alice, status: PaymentStatus.Failed);
        var withdrawal = await Payers.AddPaymentAsync(databases.ConnectionString, alice, PaymentType.Withdrawal);
        await Payers.AddPaymentAsync(databases.ConnectionString, bob);

        Assert.Equal([failed, pending], Ids(await _query.JsonAsync(alice.Key, "/api/v1/deposits")));
        Assert.Equal([pending], Ids(await _query.JsonAsync(alice.Key, "/api/v1/deposits?status=pending")));
        Assert.Equal(1, Number(await _query.JsonAsync(alice.Key, "/api/v1/deposits?status=failed"), "total"));
        Assert.Empty(Ids(await _query.JsonAsync(alice.Key, "/api/v1/deposits?status=processing")));
        Assert.Equal([withdrawal], Ids(await _query.JsonAsync(alice.Key, "/api/v1/withdrawals?status=")));

        var history = $"/api/v1/users/{alice.Id}/transactions";
        Assert.Equal([withdrawal, failed, pending], Ids(await _query.JsonAsync(alice.Key, history)));
        Assert.Equal([withdrawal], Ids(await _query.JsonAsync(alice.Key, $"{history}?type=withdrawal")));
        Assert.Equal([withdrawal], Ids(await _query.JsonAsync(alice.Key, $"{history}?status=success")));
        Assert.Equal([failed], Ids(await _query.JsonAsync(alice.Key, $"{history}?status=failed&type=deposit")));
    }

    [Fact]
    public async Task An_administrator_sees_everybodys_or_one_users_and_others_their_own_alone()
    {
        var (admin, alice, bob) = (
            await Payers.AddUserAsync(databases.ConnectionString, isAdmin: true), await Payers.AddUserAsync(databases.ConnectionString),
            await Payers.AddUserAsync(databases.ConnectionString));
        var ofAlice = await Payers.AddPaymentAsync(databases.ConnectionString, alice);
        var ofBob = await Payers.AddPaymentAsync(databases.ConnectionString, bob);

        Assert.Equal([ofBob, ofAlice], Ids(await _query.JsonAsync(admin.Key, "/api/v1/deposits")).Where(id => id == ofAlice || id == ofBob));
        Assert.Equal([ofAlice], Ids(await _query.JsonAsync(admin.Key, $"/api/v1/deposits?user_id={alice.Id}")));
        Assert.Empty(Ids(await _query.JsonAsync(admin.Key, $"/api/v1/withdrawals?user_id={alice.Id}")));
        Assert.Equal([ofAlice], Ids(await _query.JsonAsync(alice.Key, $"/api/v1/deposits?user_id={alice.Id}")));
        foreach (var (key, user) in ((string, string)[])[(alice.Key, $"{bob.Id}"), (admin.Key, "0"), (admin.Key, "alice")])
        {
            var problem = await _query.JsonAsync(key, $"/api/v1/deposits?user_id={user}", 422);
            Assert.Equal("user_id", Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
        }
    }

    [Theory]
    [InlineData("limit", "limit=0")]
    [InlineData("limit", "limit=101")]
    [InlineData("limit", "limit=ten")]
    [InlineData("limit", "limit=1&limit=2")]
    [InlineData("offset", "offset=-1")]
    [InlineData("offset", "offset=10001")]
    [InlineData("offset", "offset=1e3")]
    [InlineData("status", "status=SUCCESS")]
    [InlineData("status", "status=done")]
    [InlineData("status", "status=%00")]
    [InlineData("cursor", "cursor=abc")]
    [InlineData("cursor", "cursor=AAAAAAAAAAA")]
    [InlineData("cursor", "cursor=__________8")]
    [InlineData("cursor", "cursor=AAAAAAAAAAE&offset=1")]
    public async Task A_parameter_that_is_not_allowed_is_named(string name, string query)
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);

        foreach (var path in (string[])["/api/v1/deposits", "/api/v1/withdrawals", $"/api/v1/users/{alice.Id}/transactions"])
        {
            var problem = await _query.JsonAsync(alice.Key, $"{path}?{query}", 422);
            Assert.StartsWith(name, problem.GetProperty("errors").GetProperty(name)[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_type_is_a_parameter_only_where_the_path_does_not_say_it()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);

        await _query.JsonAsync(alice.Key, $"/api/v1/users/{alice.Id}/transactions?type=refund", 422);
        await _query.JsonAsync(alice.Key, "/api/v1/deposits?type=refund");
    }

    [Fact]
    public async Task The_history_is_limited_for_each_user()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var path = $"/api/v1/users/{alice.Id}/transactions";
        for (var i = 0; i < 20; i++) await _query.JsonAsync(alice.Key, path);

        Assert.Equal("rate_limited", (await _query.JsonAsync(alice.Key, path, 429)).GetProperty("error").GetString());
        await _query.JsonAsync(alice.Key, "/api/v1/deposits");
    }

    private static IEnumerable<long> Ids(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetInt64());

    private static int Number(JsonElement page, string name) => page.GetProperty(name).GetInt32();
}
