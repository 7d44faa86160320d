using Support;

namespace Ingest.Api.Tests;

/// <summary>A service that is set up wrongly does not start, and says which setting it is.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task In_Production_it_refuses_to_start_open_to_everybody()
    {
        var message = await RefusalAsync(("environment", "Production"));

        Assert.Contains("Auth__ApiKeys__0", message, StringComparison.Ordinal);
        Assert.Contains("Auth__AllowAnonymous=true", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Accept:MaxBatch", "0", "Accept__MaxBatch must be between")]
    [InlineData("Accept:MaxBatch", "10001", "Accept__MaxBatch must be between")]
    [InlineData("Accept:QueueCapacity", "0", "Accept__QueueCapacity must be between")]
    [InlineData("Accept:Committers", "-1", "Accept__Committers must be between")]
    [InlineData("Accept:CommitTimeout", "00:00:00", "Accept__CommitTimeout must be between")]
    [InlineData("Accept:DeliveryTimeout", "00:00:00", "Accept__DeliveryTimeout must be between")]
    [InlineData("Processing:Delay", "-1", "Processing__Delay must be between")]
    [InlineData("Processing:Delay", "02:00:00", "Processing__Delay must be between")]
    [InlineData("Installments:Dunning:0", "91", "Installments__Dunning__n must be")]
    [InlineData("Installments:Dunning:0", "-1", "Installments__Dunning__n must be")]
    [InlineData("WebhookSignature:Secrets:0", "x", "WebhookSignature__Secrets__")]
    [InlineData("WebhookSignature:Tolerance", "-00:00:01", "WebhookSignature__Tolerance must be")]
    [InlineData("Auth:ApiKeys:0", "short", "Auth__ApiKeys__")]
    [InlineData("Auth:AdminKeys:0", "short", "Auth__AdminKeys__")]
    [InlineData("Auth:Jwt:SigningKeys:0", "short", "Auth__Jwt__SigningKeys__")]
    [InlineData("Auth:Jwt:Lifetime", "00:00:01", "Auth__Jwt__Lifetime must be between")]
    [InlineData("WEBHOOK_URLS", "https://shop.example,shop.example", "WEBHOOK_URLS: each of its URLs")]
    [InlineData("WEBHOOK_URLS", "https://user:secret@shop.example", "WEBHOOK_URLS: each of its URLs")]
    [InlineData("Webhooks:RotationOverlap", "-00:00:01", "Webhooks__RotationOverlap must be between")]
    [InlineData("Webhooks:RotationOverlap", "31.00:00:00", "Webhooks__RotationOverlap must be between")]
    [InlineData("Webhooks:PortalUrl", "pay.example", "Webhooks__PortalUrl must be an http or https base URL")]
    [InlineData("Webhooks:PortalUrl", "https://pay.example/?a=1", "Webhooks__PortalUrl must be an http or https base URL")]
    public async Task It_refuses_to_start_with_a_setting_that_cannot_be_meant(string name, string value, string message) =>
        Assert.Contains(message, await RefusalAsync((name, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Accept:MaxBatch"), InlineData("Accept:DeliveryTimeout"), InlineData("Processing:Delay")]
    public async Task A_setting_that_is_not_of_its_type_is_named(string name) =>
        Assert.Contains(name, await RefusalAsync((name, "many")), StringComparison.Ordinal);

    private static Task<string> RefusalAsync(params (string Name, string? Value)[] settings) => StartUp.RefusalAsync(
        typeof(Program).Assembly, [("ConnectionStrings:webhooks", "Host=127.0.0.1;Port=1"), ("ConnectionStrings:broker", "127.0.0.1:1"), .. settings]);
}
