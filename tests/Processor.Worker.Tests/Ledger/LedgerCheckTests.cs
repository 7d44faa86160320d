using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Ledger;

public sealed class LedgerCheckTests(Servers servers)
{
    private const string User = "Account 2 (user:1, USD): ", Deposit = "Payment 1 (deposit of 100.0000 USD, success): ",
        Withdrawal = "Payment 3 (withdrawal of 20.0000 USD, processing): ";

    public static TheoryData<string, string> Differences => new()
    {
        { "UPDATE accounts SET balance = 71 WHERE id = 2", User + "its balance is 71.0000, but its entries sum to 70.0000." },
        { "UPDATE accounts SET balance = 71 WHERE id = 2", "All accounts in USD together have 1.0000, not 0." },
        { "UPDATE accounts SET balance = 1 WHERE id = 3", "Account 3 (user:2, USD): its balance is 1.0000, but its entries sum to 0." },
        { "UPDATE accounts SET held = 21 WHERE id = 2", User + "it holds 21.0000, but its holds sum to 20.0000." },
        { "UPDATE entries SET balance_after = 1 WHERE transfer_id = 2 AND account_id = 2", User + "its balance is 70.0000, but its last entry leaves 1.0000." },
        {
            "ALTER TABLE accounts DROP CONSTRAINT accounts_available_not_negative; UPDATE accounts SET held = 71 WHERE id = 2",
            User + "-1.0000 is available, which is below zero."
        },
        { "UPDATE entries SET amount = 101 WHERE transfer_id = 1 AND account_id = 2", "Transfer 1 (payment:1): its entries sum to 1.0000, not 0." },
        { "DELETE FROM entries WHERE transfer_id = 1 AND account_id = 2", "Transfer 1 (payment:1): it has 1 entries; two are the least." },
        { "INSERT INTO transfers (reference, kind, currency) VALUES ('empty', 'x', 'USD')", "Transfer 3 (empty): it has 0 entries; two are the least." },
        { "DELETE FROM transfers WHERE id = 1", "Transfer 1 (which is not there): it has 2 entries, but no row of its own." },
        { "DELETE FROM accounts WHERE id = 1", "Transfer 1 (payment:1): 1 of its entries are of accounts that are not there." },
        { "UPDATE transfers SET currency = 'EUR' WHERE id = 1", "Transfer 1 (payment:1): it is in EUR, but has an entry of an account in USD." },
        { "UPDATE transfers SET currency = 'EUR' WHERE id = 1", Deposit + "its transfer 1 is a deposit in EUR." },
        { "UPDATE transfers SET kind = 'gift' WHERE id = 1", Deposit + "its transfer 1 is a gift in USD." },
        { "DELETE FROM transfers WHERE id = 1", Deposit + "it has no transfer." },
        {
            "UPDATE entries SET amount = sign(amount) * 99 WHERE transfer_id = 1",
            Deposit + "its transfer 1 has moved 99.0000 on the user's account, not 100.0000."
        },
        { "UPDATE payments SET user_id = 2 WHERE id = 1", Deposit + "its transfer 1 has moved 0 on the user's account, not 100.0000." },
        {
            "UPDATE payments SET status = 'failed' WHERE id = 1",
            "Payment 1 (deposit of 100.0000 USD, failed): it has transfer 1, which only one that succeeded may have."
        },
        {
            "INSERT INTO transfers (reference, kind, currency) VALUES ('payment:3', 'withdrawal', 'USD')",
            Withdrawal + "it has transfer 3, which only one that succeeded may have."
        },
        { "INSERT INTO transfers (reference, kind, currency) VALUES ('payment:99', 'deposit', 'USD')", "Transfer 3 (payment:99): there is no such payment." },
        {
            "UPDATE payments SET status = 'failed', processed_at = now() WHERE id = 3",
            "Payment 3 (withdrawal of 20.0000 USD, failed): it is settled, but its hold of 20.0000 is still there."
        },
        { "INSERT INTO holds VALUES ('payment:1', 2, 1)", Deposit + "it is settled, but its hold of 1.0000 is still there." },
        { "INSERT INTO holds VALUES ('payment:5', 2, 1)", "Payment 5 (deposit of 7.0000 USD, pending): it has a hold of 1.0000, which only a withdrawal has." },
        { "DELETE FROM holds WHERE reference = 'payment:3'", Withdrawal + "it has no hold." },
        { "UPDATE holds SET amount = 19 WHERE reference = 'payment:3'", Withdrawal + "its hold is of 19.0000 on user:1." },
        { "INSERT INTO holds VALUES ('payment:99', 2, 1)", "Hold payment:99: there is no such payment." },
    };

    [Theory, MemberData(nameof(Differences))]
    public async Task Each_difference_is_named(string sql, string difference)
    {
        var database = await servers.CreateLedgerAsync();
        Assert.Empty((await LedgerDatabase.CheckAsync(database)).Differences);
        await servers.BreakAsync(database, sql);
        Assert.Contains(difference, (await LedgerDatabase.CheckAsync(database)).Differences.Select(found => found.What));
    }

    [Fact]
    public async Task The_command_ends_with_0_when_all_adds_up_and_with_1_when_not()
    {
        var database = await servers.CreateLedgerAsync();
        var clean = await servers.RunOnceAsync("--check-ledger", database);
        Assert.Contains("Ledger: 3 accounts, 2 transfers, 0 differences", clean.Output, StringComparison.Ordinal);

        await servers.BreakAsync(database, "UPDATE accounts SET held = 21 WHERE id = 2");
        var broken = await servers.RunOnceAsync("--check-ledger", database);
        Assert.Contains("it holds 21.0000, but its holds sum to 20.0000.", broken.Output, StringComparison.Ordinal);
        Assert.Contains("Ledger: 3 accounts, 2 transfers, 1 differences", broken.Output, StringComparison.Ordinal);
        Assert.Equal((0, 1), (clean.ExitCode, broken.ExitCode));
    }

    [Fact]
    public async Task Without_a_database_the_command_says_so_and_ends_with_1()
    {
        var (exitCode, output) = await servers.RunOnceAsync("--check-ledger", $"{servers.Postgres};Database=nothing_here");
        Assert.Equal(1, exitCode);
        Assert.Contains("The ledger could not be checked", output, StringComparison.Ordinal);
    }
}
