using Support;

namespace Sandbox.Tests;

/// <summary>A play bank that is set up wrongly does not start, and says which setting it is.</summary>
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
    [InlineData("WEBHOOK_SECRET", "", "WEBHOOK_SECRET is missing")]
    public async Task It_refuses_to_start_with_a_setting_that_cannot_be_meant(string name, string value, string message) =>
        Assert.Contains(message, await RefusalAsync((name, value)), StringComparison.Ordinal);

    private static Task<string> RefusalAsync(params (string Name, string? Value)[] settings) =>
        StartUp.RefusalAsync(typeof(Program).Assembly, [("WEBHOOK_SECRET", "secret"), ("Bank:CallbackUrl", "http://127.0.0.1:1"), .. settings]);
}
