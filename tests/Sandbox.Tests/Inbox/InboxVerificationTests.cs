using System.Text.Json;
using Contracts;
using Microsoft.AspNetCore.Http;
using Sandbox.Inbox.Receiving;

namespace Sandbox.Tests.Inbox;

/// <summary>What an inbox says of a delivery's signature.</summary>
public sealed class InboxVerificationTests(InboxService service) : IClassFixture<InboxService>
{
    private static readonly WebhookSecret Other = WebhookSecret.New(bytes => bytes.Fill(7));
    private readonly string _inbox = service.NewInbox();

    [Fact]
    public async Task A_delivery_that_is_signed_with_the_secret_is_verified_over_the_bytes_that_came()
    {
        await KnowAsync(InboxService.Secret);
        const string Body = "{ \"type\" : \"charge.succeeded\", \"name\":\"J\u00fcrgen \\u00e9 \" }\r\n";

        using var response = await service.DeliverSignedAsync(_inbox, [InboxService.Secret], Body);

        Assert.Equal("""{"id":"evt_1","attempt":1,"verified":"verified"}""", (await InboxService.JsonAsync(response)).ToString());
        var inbox = await service.LookAsync(_inbox);
        Assert.Equal((1, "verified"), (inbox.GetProperty("verified").GetInt32(), Newest(inbox).GetProperty("verified").GetString()));
        Assert.Equal(Body, Newest(inbox).GetProperty("body").GetString());
    }

    [Theory, InlineData("{}", "{ }"), InlineData("{}", "{}\n")]
    public async Task A_body_that_was_altered_is_kept_and_not_verified(string body, string signedBody)
    {
        await KnowAsync(InboxService.Secret);
        using var response = await service.DeliverSignedAsync(_inbox, [InboxService.Secret], body, signedBody: signedBody);

        Assert.Equal(200, (int)response.StatusCode);
        var inbox = await service.LookAsync(_inbox);
        Assert.Equal((1, 0), (inbox.GetProperty("received").GetInt32(), inbox.GetProperty("verified").GetInt32()));
        Assert.StartsWith("not verified: no signature", Newest(inbox).GetProperty("verified").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_secret_is_replaced_either_side_may_have_both()
    {
        await KnowAsync(InboxService.Secret, Other);
        Assert.Equal("verified", await VerdictAsync(InboxService.Secret));
        Assert.Equal("verified", await VerdictAsync(Other));
        await KnowAsync(Other);
        Assert.Equal("verified", await VerdictAsync(InboxService.Secret, Other));
        Assert.StartsWith("not verified", await VerdictAsync(InboxService.Secret), StringComparison.Ordinal);
    }

    [Theory, InlineData(-301), InlineData(301)]
    public async Task A_timestamp_more_than_5_minutes_off_is_not_verified(int seconds)
    {
        await KnowAsync(InboxService.Secret);
        using var response = await service.DeliverSignedAsync(_inbox, [InboxService.Secret], at: service.Clock.GetUtcNow().AddSeconds(seconds));
        Assert.StartsWith(
            "not verified: webhook-timestamp is more than 5 minutes", (await InboxService.JsonAsync(response)).GetProperty("verified").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_secret_it_says_so_and_again_when_they_are_taken_away()
    {
        Assert.Equal("no secret given", await VerdictAsync(InboxService.Secret));
        await KnowAsync(InboxService.Secret);
        Assert.Equal("verified", await VerdictAsync(InboxService.Secret));
        await KnowAsync();
        Assert.Equal("no secret given", await VerdictAsync(InboxService.Secret));
    }

    [Theory]
    [InlineData("webhook-id"), InlineData("webhook-timestamp"), InlineData("webhook-signature")]
    public void A_header_that_is_missing_is_named(string missing)
    {
        var headers = new HeaderDictionary { ["webhook-id"] = "1", ["webhook-timestamp"] = "1", ["webhook-signature"] = "v1,x" };
        headers.Remove(missing);
        Assert.Equal($"not verified: the header {missing} is missing", Of(headers));
    }

    [Fact]
    public void A_timestamp_that_is_no_number_is_named() => Assert.StartsWith(
        "not verified: webhook-timestamp is not a whole number",
        Of(new HeaderDictionary { ["webhook-id"] = "1", ["webhook-timestamp"] = "today", ["webhook-signature"] = "v1,x" }), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"secrets":["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","whsec_short"]}""", 422, "secrets[1]")]
    [InlineData("""{"secrets":["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}""", 422, "secrets[0]"), InlineData("""{"secrets":[null]}""", 422, "secrets[0]")]
    [InlineData("""{"secrets":null}""", 422, "secrets"), InlineData("{}", 422, "secrets")]
    [InlineData("""{"secrets":["","","","","","","","","","",""]}""", 422, "secrets")]
    [InlineData("""{"secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}""", 400, "secret"), InlineData("""{"secrets":"x"}""", 400, "secrets")]
    public async Task A_malformed_secret_changes_nothing_is_named_and_not_repeated(string json, int status, string named)
    {
        await KnowAsync(InboxService.Secret);
        var (answered, problem) = await service.PutAsync($"{_inbox}/secrets", json);

        Assert.Equal(status, answered);
        if (status == 422) Assert.Equal([named], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        else Assert.Contains(named, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_short", problem.ToString(), StringComparison.Ordinal);
        Assert.Equal("verified", await VerdictAsync(InboxService.Secret));
    }

    [Fact]
    public async Task No_answer_shows_a_secret()
    {
        var (_, set) = await service.PutAsync($"{_inbox}/secrets", $$"""{"secrets":["{{Other.Reveal()}}"]}""");
        Assert.Equal(1, set.GetProperty("secrets").GetInt32());
        var inbox = await service.LookAsync(_inbox);
        Assert.Equal(1, inbox.GetProperty("secrets").GetInt32());
        Assert.DoesNotContain("whsec_", $"{set}{inbox}", StringComparison.Ordinal);
    }

    private static string Of(IHeaderDictionary headers) => DeliveryVerification.Of([InboxService.Secret], headers, "{}"u8, DateTimeOffset.UnixEpoch);

    private static JsonElement Newest(JsonElement inbox) => inbox.GetProperty("deliveries")[0];

    private async Task KnowAsync(params WebhookSecret[] secrets)
    {
        var texts = string.Join(',', secrets.Select(secret => $"\"{secret.Reveal()}\""));
        Assert.Equal(200, (await service.PutAsync($"{_inbox}/secrets", $$"""{"secrets":[{{texts}}]}""")).Status);
    }

    private async Task<string?> VerdictAsync(params WebhookSecret[] secrets)
    {
        using var response = await service.DeliverSignedAsync(_inbox, secrets);
        return (await InboxService.JsonAsync(response)).GetProperty("verified").GetString();
    }
}
