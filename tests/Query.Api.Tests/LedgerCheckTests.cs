using System.Text.Json;
using Npgsql;

namespace Query.Api.Tests;

/// <summary>On a database of its own with two wallets; what a test breaks there is broken for it alone.</summary>
public sealed class LedgerCheckTests(Databases databases) : IAsyncLifetime
{
    private const string Key = "an-admin-key-for-these-tests";

    private string _connectionString = "";
    private QueryService _query = null!;
    private Customer _first = null!, _second = null!;

    public async ValueTask InitializeAsync()
    {
        _connectionString = await databases.CreateAsync($"ledger_{Guid.NewGuid():N}");
        _query = new QueryService(_connectionString, ("Auth:AdminKeys:0", Key));
        _query.Client.DefaultRequestHeaders.Add("X-API-Key", Key);
        var customers = new Customers(_connectionString);
        (_first, _second) = (await customers.AddWalletAsync("USD"), await customers.AddWalletAsync("KWD"));
        foreach (var (customer, amount) in ((Customer, decimal)[])[(_first, 100), (_first, -30), (_second, 1.005m)])
            await customers.MoveAsync(customer, amount);
    }

    public ValueTask DisposeAsync() => _query.DisposeAsync();

    [Fact]
    public async Task A_ledger_that_adds_up_has_no_differences()
    {
        var (whole, one) = (await CheckAsync(), await CheckAsync($"?customer_id={_first.Id}"));

        Assert.Equal((4, 3, 0, 0), Figures(whole));
        Assert.Equal((1, 2, 0, 0), Figures(one));
        Assert.EndsWith("Z", whole.GetProperty("checked_at").GetString(), StringComparison.Ordinal);
        Assert.Equal((0, 0, 0, 0), Figures(await CheckAsync("?customer_id=nobody")));
    }

    [Fact]
    public async Task A_difference_names_its_account_what_the_figure_should_be_and_what_it_is()
    {
        await BreakAsync($"UPDATE accounts SET balance = 71.5 WHERE id = {_first.Account}");

        var whole = await CheckAsync();
        var one = await CheckAsync($"?customer_id={_first.Id}");

        Assert.Equal(3, whole.GetProperty("difference_count").GetInt32()); // Not as its entries, nor as the last of them; and the total.
        Assert.Equal(
            $$"""
            {"account_id":{{_first.Account}},"owner":"wallet:{{_first.Id}}","kind":"wallet","currency":"USD","expected":"70.00","actual":"71.50",
            "what":"Account {{_first.Account}} (wallet:{{_first.Id}}, USD): its balance is 71.5000, but its entries sum to 70.0000."}
            """.ReplaceLineEndings(""),
            one.GetProperty("differences")[0].GetRawText());
        Assert.Equal(2, one.GetProperty("difference_count").GetInt32());
        Assert.Equal(0, (await CheckAsync($"?customer_id={_second.Id}")).GetProperty("difference_count").GetInt32());
    }

    [Fact]
    public async Task What_a_wallet_holds_is_compared_with_its_holds_and_what_is_no_accounts_has_no_figures()
    {
        await BreakAsync($"UPDATE accounts SET held = 1 WHERE id = {_second.Account}; INSERT INTO holds VALUES ('payment:99', {_first.Account}, 2)");

        var one = Assert.Single((await CheckAsync($"?customer_id={_second.Id}")).GetProperty("differences").EnumerateArray());
        var hold = (await CheckAsync()).GetProperty("differences").EnumerateArray()
            .Single(difference => difference.GetProperty("what").GetString() == "Hold payment:99: there is no such payment.");

        Assert.Equal(("0.000", "1.000"), (one.GetProperty("expected").GetString(), one.GetProperty("actual").GetString()));
        Assert.All((string[])["account_id", "owner", "kind", "currency", "expected", "actual"],
            name => Assert.Equal(JsonValueKind.Null, hold.GetProperty(name).ValueKind));
    }

    [Fact]
    public async Task A_hundred_differences_are_shown_and_all_are_counted()
    {
        await BreakAsync("INSERT INTO transfers (reference, kind, currency) SELECT 'empty:' || n, 'x', 'USD' FROM generate_series(1, 150) AS n");

        Assert.Equal((4, 153, 150, 100), Figures(await CheckAsync()));
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_checked_in_time_is_503()
    {
        await using var locked = await NpgsqlDataSource.Create(_connectionString).OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await locked.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("LOCK TABLE entries", locked);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await _query.GetProblemAsync("/admin/ledger-check", 503);
    }

    [Fact]
    public async Task A_customer_that_cannot_be_one_is_422_and_without_an_admin_key_it_is_401()
    {
        await _query.GetProblemAsync("/admin/ledger-check?customer_id=a%20b", 422);
        _query.Client.DefaultRequestHeaders.Clear();
        await _query.GetProblemAsync("/admin/ledger-check", 401);
    }

    private Task<JsonElement> CheckAsync(string query = "") => _query.GetJsonAsync($"/admin/ledger-check{query}");

    private static (int Accounts, int Transfers, int Count, int Shown) Figures(JsonElement check) => (
        check.GetProperty("accounts").GetInt32(), check.GetProperty("transfers").GetInt32(), check.GetProperty("difference_count").GetInt32(),
        check.GetProperty("differences").GetArrayLength());

    // Without triggers and foreign keys, which would refuse it.
    private async Task BreakAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(_connectionString);
        await using var command = database.CreateCommand($"SET session_replication_role = replica; {sql}");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
