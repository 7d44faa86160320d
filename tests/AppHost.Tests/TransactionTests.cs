using System.Net;

namespace AppHost.Tests;

/// <summary>What a sender is promised, through the front door.</summary>
public class TransactionTests(RunningSystem system)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_webhook_is_accepted_at_once_and_PROCESSED_after_its_delay_never_before()
    {
        var webhook = RunningSystem.Webhook(currency: "inr", amount: "1500");
        var id = webhook["transaction_id"]!.GetValue<string>();

        var (status, body) = await system.SendAsync(webhook, Stop);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal("accepted", body["status"]!.GetValue<string>());
        Assert.Equal(id, body["transaction_id"]!.GetValue<string>());
        Assert.False(body["duplicate"]!.GetValue<bool>());

        var done = (await system.WaitForOutcomeAsync(id, Stop))!;
        Assert.Equal("PROCESSED", done["status"]!.GetValue<string>());
        Assert.Equal("1500.00", done["amount"]!.GetValue<string>());
        Assert.Equal("INR", done["currency"]!.GetValue<string>());
        Assert.True(RunningSystem.Took(done) >= RunningSystem.Delay, $"processed after {RunningSystem.Took(done)}, before its delay of {RunningSystem.Delay}");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_duplicate_event_is_stored_once()
    {
        var webhook = RunningSystem.Webhook();
        var id = webhook["transaction_id"]!.GetValue<string>();
        await system.SendAsync(webhook, Stop);

        var (status, body) = await system.SendAsync(webhook, Stop);

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.True(body["duplicate"]!.GetValue<bool>());
        await using var count = system.Database.CreateCommand($"SELECT count(*) FROM transactions WHERE transaction_id = '{id}'");
        Assert.Equal(1L, await count.ExecuteScalarAsync(Stop));
    }

    [Fact(Timeout = 120_000)]
    public async Task The_same_id_with_other_content_is_a_conflict_and_the_first_stays()
    {
        var webhook = RunningSystem.Webhook();
        var id = webhook["transaction_id"]!.GetValue<string>();
        await system.SendAsync(webhook, Stop);

        var (status, body) = await system.SendAsync(RunningSystem.Webhook(id, amount: "150.51"), Stop);

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("transaction_conflict", body["error"]!.GetValue<string>());
        Assert.Equal("150.50", (await system.ReadAsync(id, Stop))!["amount"]!.GetValue<string>());
    }

    [Fact(Timeout = 120_000)]
    public async Task An_unknown_transaction_is_a_404_problem()
    {
        using var response = await system.Client.GetAsync("/v1/transactions/txn_nobody_sent_this", Stop);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }
}
