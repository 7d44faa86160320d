namespace Sandbox.Tests;

/// <summary>The ordinary failures, over HTTP: a bank with which nothing succeeds, asked until each has come.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task What_was_refused_later_is_told_by_a_failed_callback()
    {
        await using var bank = await BankService.StartAsync(("Bank:SuccessRate", "0"));

        // Until one is taken on: those that are not answered are given up.
        var id = await FirstAsync(bank, status: 202);
        await bank.AdvanceAsync(BankService.LongEnough);
        var callback = await bank.Receiver.NextAsync();

        Assert.True(callback.IsSigned);
        Assert.Equal("failed", callback.Text("status"));
        Assert.NotEmpty(callback.Text("error_message"));
        var (_, transfer) = await bank.GetAsync(callback.Body.GetProperty("transaction_id").GetInt64());
        Assert.Equal(
            ("failed", callback.Text("error_message")),
            (transfer.GetProperty("status").GetString(), transfer.GetProperty("error_message").GetString()));
        Assert.True(id > 0);
    }

    [Fact]
    public async Task What_was_unavailable_was_not_seen_and_may_be_sent_again()
    {
        await using var bank = await BankService.StartAsync(("Bank:SuccessRate", "0"));
        var id = await FirstAsync(bank, status: 503);
        Assert.Equal(404, (await bank.GetAsync(id)).Status);

        await bank.PutBehaviourAsync("""{"success_rate":1}""");
        Assert.Equal(202, (await bank.PostAsync(id, "withdrawal")).Status);
    }

    private static async Task<long> FirstAsync(BankService bank, int status)
    {
        for (var id = 1; id < 200; id++)
        {
            try
            {
                if ((await bank.PostAsync(id, "withdrawal", patience: TimeSpan.FromSeconds(1))).Status == status) return id;
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                // A time-out: one of the failures too.
            }
        }

        throw new InvalidOperationException($"None of 200 transfers was answered {status}.");
    }
}
