namespace AppHost.Tests;

/// <summary>The promise in its own numbers.</summary>
public class ThirtySecondsTests(RunningSystem system)
{
    [Fact(Timeout = 120_000)]
    public async Task A_transaction_is_PROCESSED_30_seconds_after_it_was_created_and_never_before()
    {
        var stop = TestContext.Current.CancellationToken;
        var webhook = RunningSystem.Webhook();
        var id = webhook["transaction_id"]!.GetValue<string>();
        await system.SendAsync(webhook, stop);

        var waiting = await system.ReadAsync(id, stop);
        Assert.Equal("PROCESSING", waiting!["status"]!.GetValue<string>());
        Assert.Null(waiting["processed_at"]);
        var done = (await system.WaitForOutcomeAsync(id, stop))!;

        Assert.Equal("PROCESSED", done["status"]!.GetValue<string>());
        Assert.True(RunningSystem.Took(done) >= TimeSpan.FromSeconds(30), $"processed after {RunningSystem.Took(done)}");
    }
}
