using Data.Payments;
using Npgsql;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Payments;

public sealed class ReopenPaymentTests(Servers servers) : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;
    private PaymentRows _rows = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());
        _rows = await PaymentRows.CreateAsync(_database);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData("deposit", "100 0")]
    [InlineData("withdrawal", "100 10")]
    public async Task A_given_up_payment_is_open_again_with_its_hold_and_the_bank_is_asked_first(string type, string account)
    {
        var id = await _rows.AddAsync(type, attempts: 6);
        await GiveUpAsync(id);
        Assert.Equal(("failed", "100 0", 0), await _rows.StateAsync(id));

        Assert.Equal(ReopenOutcome.Reopened, await ReopenAsync(id));

        Assert.Equal(("processing", account, 0), await _rows.StateAsync(id));
        const string State = "concat_ws(' ', is_unanswered, attempts, claim, NOT is_given_up, error_message IS NULL, processed_at IS NULL, "
            + "due_at <= now() AND next_publish_at <= now())";
        Assert.Equal("t 0 1 t t t t", await _rows.ScalarAsync<string>(
            $"""
            SELECT {State}
            FROM payments WHERE id = {id}
            """));
    }

    [Fact]
    public async Task A_withdrawal_that_the_balance_no_longer_covers_stays_failed()
    {
        var id = await _rows.AddAsync("withdrawal", amount: 60);
        await GiveUpAsync(id);
        await _rows.AddAsync("withdrawal", amount: 50);

        Assert.Equal(ReopenOutcome.InsufficientBalance, await ReopenAsync(id));

        Assert.Equal(("failed", "100 50", 0), await _rows.StateAsync(id));
    }

    [Fact]
    public async Task A_reopened_payment_is_reopened_once()
    {
        var id = await _rows.AddAsync("withdrawal");
        await GiveUpAsync(id);

        var outcomes = await Task.WhenAll(ReopenAsync(id), ReopenAsync(id));

        Assert.Equal([ReopenOutcome.Reopened, ReopenOutcome.NotGivenUp], outcomes.Order());
        Assert.Equal(("processing", "100 10", 0), await _rows.StateAsync(id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_payment_that_the_bank_settled_is_not_reopened(bool isSuccess)
    {
        var id = await _rows.AddAsync("deposit");
        await SettleAsync(id, new BankResult(isSuccess, null, isSuccess ? null : "Account closed"));
        var before = await _rows.StateAsync(id);

        Assert.Equal(ReopenOutcome.NotGivenUp, await ReopenAsync(id));

        Assert.Equal(before, await _rows.StateAsync(id));
    }

    [Fact]
    public async Task An_open_payment_is_not_reopened() => Assert.Equal(ReopenOutcome.NotGivenUp, await ReopenAsync(await _rows.AddAsync("deposit")));

    [Fact]
    public async Task An_unknown_payment_is_not_reopened() => Assert.Equal(ReopenOutcome.Unknown, await ReopenAsync(4711));

    private async Task GiveUpAsync(long id)
    {
        await SettleAsync(id, new BankResult(false, null, "Given up after 5 retries: the bank answered HTTP 503."));
        await _rows.ScalarAsync<long>($"UPDATE payments SET is_given_up = true WHERE id = {id} RETURNING id");
    }

    private async Task SettleAsync(long id, BankResult result)
    {
        await using var connection = await _database.OpenConnectionAsync(Cancelled);
        Assert.Equal([Settlement.Settled], await SettlePayments.AndCommitAsync(connection, [new(id, result)], Cancelled));
    }

    private async Task<ReopenOutcome> ReopenAsync(long id)
    {
        await using var connection = await _database.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var outcome = await ReopenPayment.RunAsync(connection, id, Cancelled);
        await transaction.CommitAsync(Cancelled);
        return outcome;
    }
}
