using Data.Ledger;
using Npgsql;

namespace Data.Tests.Ledger;

public sealed class PostTransfersTests(Database database)
{
    private readonly Room _room = new(database);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Money_moves_once_however_often_it_is_asked_for()
    {
        var (user, bank) = (await _room.OpenUserAsync(1), await _room.OpenBankAsync());
        Assert.Equal(PostOutcome.Posted, await _room.PostAsync("deposit", (user, 12.5m), (bank, -12.5m)));
        Assert.Equal(PostOutcome.AlreadyPosted, await _room.PostAsync("deposit", (user, 12.5m), (bank, -12.5m)));
        Assert.Equal(PostOutcome.AlreadyPosted, await _room.PostAsync("deposit", (user, -100m), (bank, 100m)));
        Assert.Equal(("12.5 held 0", "-12.5 held 0"), (await _room.StateAsync(user), await _room.StateAsync(bank)));
    }

    [Fact]
    public async Task More_than_is_available_is_refused_and_nothing_else_of_the_transaction_is_lost()
    {
        var (poor, rich, bank) = (await _room.OpenUserAsync(1, 5), await _room.OpenUserAsync(2, 100), await _room.OpenBankAsync());
        await using var connection = await _room.ConnectAsync();
        await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
        {
            var tooMuch = _room.Transfer("too much", (rich, -20), (poor, -5.0001m), (bank, 25.0001m));
            Assert.Equal([PostOutcome.InsufficientBalance], await PostTransfers.RunAsync(connection, [tooMuch], Cancelled));
            var all = _room.Transfer("all", (rich, -20), (poor, -5), (bank, 25));
            Assert.Equal([PostOutcome.Posted], await PostTransfers.RunAsync(connection, [all], Cancelled));
            await transaction.CommitAsync(Cancelled);
        }

        Assert.Equal(("0 held 0", "80 held 0"), (await _room.StateAsync(poor), await _room.StateAsync(rich)));
        Assert.Empty(await _room.FaultsAsync());
    }

    [Fact]
    public async Task What_is_held_is_not_available_but_to_the_transfer_that_uses_the_hold_up()
    {
        var (user, bank) = (await _room.OpenUserAsync(1, 10), await _room.OpenBankAsync());
        Assert.True(await _room.HoldAsync("hold", 1, 8));
        Assert.True(await _room.HoldAsync("hold", 1, 8));
        Assert.False(await _room.HoldAsync("another", 1, 2.0001m));
        Assert.Equal("10 held 8", await _room.StateAsync(user));
        Assert.Equal(PostOutcome.InsufficientBalance, await _room.PostAsync("withdrawal", (user, -8), (bank, 8)));

        var capture = _room.Transfer("withdrawal", (user, -8), (bank, 8)) with { UsingHold = $"{_room.Currency}:hold" };
        Assert.Equal(PostOutcome.InsufficientBalance, await _room.PostAsync(capture with { Postings = [new(user, -10.5m), new(bank, 10.5m)] }));
        Assert.Equal("10 held 8", await _room.StateAsync(user));
        Assert.Equal(PostOutcome.Posted, await _room.PostAsync(capture));
        Assert.Equal("2 held 0", await _room.StateAsync(user));
        Assert.Equal(PostOutcome.AlreadyPosted, await _room.PostAsync(capture));
        Assert.Equal(PostOutcome.NoHold, await _room.PostAsync(capture with { Reference = $"{_room.Currency}:again" }));
        await using var connection = await _room.ConnectAsync();
        Assert.False(await _room.ReleaseAsync(connection, $"{_room.Currency}:hold", 1));
        Assert.Equal("2 held 0", await _room.StateAsync(user));
    }

    [Fact]
    public async Task A_hold_is_given_back_once()
    {
        var user = await _room.OpenUserAsync(1, 10);
        Assert.True(await _room.HoldAsync("hold", 1, 10));
        await using var connection = await _room.ConnectAsync();
        var hold = $"{_room.Currency}:hold";
        Assert.Equal((true, false), (await _room.ReleaseAsync(connection, hold, 1), await _room.ReleaseAsync(connection, hold, 1)));
        Assert.Equal("10 held 0", await _room.StateAsync(user));
    }

    [Fact]
    public async Task An_account_takes_its_own_currency_and_the_message_says_which()
    {
        var (user, bank) = (await _room.OpenUserAsync(1, 10), await _room.OpenBankAsync());
        var foreign = _room.Transfer("foreign", (user, 1), (bank, -1)) with { Currency = "EUR" };
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => _room.PostAsync(foreign));
        Assert.Contains($"is in EUR, but account {user} is in {_room.Currency}", refused.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<ArgumentException>(() => _room.PostAsync("unknown", (user, 1), (long.MaxValue, -1)));
        Assert.Contains($"names account {long.MaxValue}, which does not exist", unknown.Message, StringComparison.Ordinal);
        Assert.Equal("10 held 0", await _room.StateAsync(user));
    }

    [Fact]
    public async Task A_hold_that_exists_is_not_changed_by_another_with_its_reference()
    {
        var (user, other) = (await _room.OpenUserAsync(1, 10), await _room.OpenUserAsync(2, 10));
        Assert.True(await _room.HoldAsync("hold", 1, 4));
        await Assert.ThrowsAsync<ArgumentException>(() => _room.HoldAsync("hold", 1, 5));
        await Assert.ThrowsAsync<ArgumentException>(() => _room.HoldAsync("hold", 2, 4));
        Assert.Equal(("10 held 4", "10 held 0"), (await _room.StateAsync(user), await _room.StateAsync(other)));
    }

    [Fact]
    public async Task Nothing_can_be_held_on_an_account_that_does_not_exist()
    {
        Assert.False(await _room.HoldAsync("hold", 404, 1));
        Assert.Empty(await database.ReadAsync($"SELECT reference FROM holds WHERE reference = '{_room.Currency}:hold'"));
    }

    [Theory]
    [InlineData(AccountKind.User, PostOutcome.InsufficientBalance), InlineData(AccountKind.Wallet, PostOutcome.InsufficientBalance)]
    [InlineData(AccountKind.Merchant, PostOutcome.InsufficientBalance), InlineData(AccountKind.Bank, PostOutcome.Posted)]
    public async Task Only_the_bank_may_have_less_than_nothing(string kind, PostOutcome outcome)
    {
        var name = kind switch
        {
            AccountKind.User => Accounts.OfUser(1, _room.Currency),
            AccountKind.Wallet => Accounts.OfWallet("cust_1", _room.Currency),
            AccountKind.Merchant => Accounts.OfMerchant("acct_1", _room.Currency),
            _ => Accounts.OfBank(1, _room.Currency),
        };
        Assert.Equal(kind, name.Kind);
        await using var connection = await _room.ConnectAsync();
        var account = await OpenAccount.RunAsync(connection, name, Cancelled);
        Assert.Equal(outcome, await _room.PostAsync("below", (account, -1), (await _room.OpenUserAsync(2), 1)));
        Assert.Empty(await _room.FaultsAsync());
    }

    [Fact]
    public async Task Many_in_one_go_have_an_outcome_each()
    {
        var (user, other, bank) = (await _room.OpenUserAsync(1, 10), await _room.OpenUserAsync(2), await _room.OpenBankAsync());
        Assert.True(await _room.HoldAsync("hold", 1, 4));
        await using var connection = await _room.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        Assert.Equal(
            [PostOutcome.Posted, PostOutcome.AlreadyPosted, PostOutcome.InsufficientBalance, PostOutcome.Posted, PostOutcome.Posted],
            await PostTransfers.RunAsync(
                connection,
                [
                    _room.Transfer("a", (user, -6), (other, 6)), _room.Transfer("a", (user, -6), (other, 6)), _room.Transfer("b", (user, -1), (other, 1)),
                    _room.Transfer("c", (user, -4), (bank, 4)) with { UsingHold = $"{_room.Currency}:hold" },
                    _room.Transfer("d", (other, -5), (user, 4), (bank, 1)),
                ],
                Cancelled));
        await transaction.CommitAsync(Cancelled);
        Assert.Equal(("4 held 0", "1 held 0"), (await _room.StateAsync(user), await _room.StateAsync(other)));
        Assert.Empty(await _room.FaultsAsync());
    }

    [Fact]
    public async Task A_ledger_commit_ends_the_transaction_and_what_was_done_stays()
    {
        var (user, bank) = (await _room.OpenUserAsync(1), await _room.OpenBankAsync());
        await using var connection = await _room.ConnectAsync();
        for (var n = 1; n <= 2; n++)
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancelled);
            Assert.Equal([PostOutcome.Posted], await PostTransfers.RunAsync(connection, [_room.Transfer($"{n}", (user, 1), (bank, -1))], Cancelled));
            await CommitLedger.RunAsync(transaction, Cancelled);
            Assert.Equal($"{n} held 0", await _room.StateAsync(user));
        }

        // The session commits as it did before.
        Assert.Equal([PostOutcome.Posted], await PostTransfers.AndCommitAsync(connection, [_room.Transfer("3", (user, 1), (bank, -1))], Cancelled));
        Assert.Equal([PostOutcome.AlreadyPosted], await PostTransfers.AndCommitAsync(connection, [_room.Transfer("3", (user, 1), (bank, -1))], Cancelled));
        await using var shown = new NpgsqlCommand("SELECT setting = reset_val FROM pg_settings WHERE name = 'synchronous_commit'", connection);
        Assert.True((bool)(await shown.ExecuteScalarAsync(Cancelled))!);
        Assert.Equal("3 held 0", await _room.StateAsync(user));
    }

    public static TheoryData<decimal[], string> InvalidTransfers => new()
    {
        { [], "has 0 postings" }, { [1], "has 1 postings" }, { [1, 0, -1], "has a posting of 0" }, { [1, -2], "sums to -1" },
        { [0.00005m, -0.00005m], "more than 4 decimals" },
    };

    [Theory, MemberData(nameof(InvalidTransfers))]
    public async Task An_invalid_transfer_is_refused_before_the_database_is_asked(decimal[] amounts, string fault)
    {
        var transfer = _room.Transfer("none", [.. amounts.Select((amount, n) => ((long)n, amount))]);
        Assert.Contains(fault, (await Assert.ThrowsAsync<ArgumentException>(() => _room.PostAsync(transfer))).Message, StringComparison.Ordinal);
        transfer = _room.Transfer("none", (1, 1), (1, -1));
        Assert.Contains("an account twice", (await Assert.ThrowsAsync<ArgumentException>(() => _room.PostAsync(transfer))).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(0.00001)]
    public async Task An_invalid_hold_is_refused_before_the_database_is_asked(double amount) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _room.HoldAsync("none", 1, (decimal)amount));

    [Fact]
    public async Task An_account_is_opened_once_by_however_many_at_a_time()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _room.OpenUserAsync(1)));
        Assert.Single(ids.Distinct());
        var banks = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => _room.OpenBankAsync(n % 4)));
        Assert.Equal(4, banks.Distinct().Count());
        Assert.Equal(banks[3], await _room.OpenBankAsync(3 + 256));
    }
}
