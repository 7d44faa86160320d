using Support;

namespace Sandbox.Tests;

/// <summary>A sandbox that is set up wrongly does not start, and says which setting it is.</summary>
public sealed class StartTests
{
    [Theory, InlineData("Production"), InlineData("Staging")]
    public async Task It_refuses_to_start_outside_Development(string environment) =>
        Assert.Contains("runs in Development only", await RefusalAsync(("environment", environment)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Bank:Behaviour", "generous", "Bank__Behaviour must be one of normal, slow, ")]
    [InlineData("Bank:SuccessRate", "1.1", "Bank__SuccessRate must be between 0 and 1")]
    [InlineData("Bank:SuccessRate", "NaN", "Bank__SuccessRate must be between 0 and 1")]
    [InlineData("Bank:MinDelay", "00:00:11", "Bank__MinDelay must be between")]
    [InlineData("Bank:MaxDelay", "01:00:01", "Bank__MaxDelay must be at most 01:00:00")]
    [InlineData("Bank:CallbackUrl", "", "Bank__CallbackUrl must be the address")]
    [InlineData("Bank:CallbackUrl", "/here", "Bank__CallbackUrl must be the address")]
    [InlineData("WEBHOOK_SECRET", "", "WEBHOOK_SECRET is missing: callbacks")]
    [InlineData("Stripe:Behaviour", "generous", "Stripe__Behaviour must be one of normal, slow, ")]
    [InlineData("Stripe:Delay", "01:00:01", "Stripe__Delay must be between")]
    [InlineData("Stripe:Share", "NaN", "Stripe__Share must be between 0 and 1")]
    [InlineData("Stripe:Webhooks", "none", "Stripe__Webhooks must be all or late")]
    [InlineData("Stripe:WebhookUrl", "/here", "Stripe__WebhookUrl must be the address")]
    [InlineData("Inbox:Behaviour", "generous", "Inbox__Behaviour must be one of normal, slow, ")]
    [InlineData("Inbox:Status", "204", "Inbox__Status must be between 300 and 599")]
    [InlineData("Inbox:Delay", "01:00:01", "Inbox__Delay must be between")]
    [InlineData("Inbox:RetryAfter", "86401", "Inbox__RetryAfter must be between 0 and 86400 seconds")]
    [InlineData("Inbox:Share", "NaN", "Inbox__Share must be between 0 and 1")]
    [InlineData("Inbox:Times", "3", "Inbox__Times needs a behaviour that ends")]
    [InlineData("STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET is missing")]
    public async Task It_refuses_to_start_with_a_setting_that_cannot_be_meant(string name, string value, string message) =>
        Assert.Contains(message, await RefusalAsync((name, value)), StringComparison.Ordinal);

    private static Task<string> RefusalAsync(params (string Name, string? Value)[] settings) =>
        StartUp.RefusalAsync(
            typeof(Program).Assembly,
            [
                ("WEBHOOK_SECRET", "secret"), ("Bank:CallbackUrl", "http://127.0.0.1:1"),
                ("STRIPE_WEBHOOK_SECRET", "secret"), ("Stripe:WebhookUrl", "http://127.0.0.1:1"), .. settings,
            ]);
}
