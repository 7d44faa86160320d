using System.Globalization;
using System.Security.Cryptography;

namespace Ingest.Api.Tests;

[Trait("Kafka", "yes")]
public sealed class CredentialTests(Servers servers)
{
    private const string Key = "a-key-of-more-than-16-characters";
    private static readonly string Old = SignatureCheckTests.NewSecret(1, 24);
    private static readonly string New = SignatureCheckTests.NewSecret(2, 32);

    [Fact]
    public async Task Where_a_key_is_configured_a_webhook_without_it_is_401_and_with_it_202()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData("another-key-by-its-hash"u8));
        await using var ingest = await IngestService.StartAsync(servers, ("Auth:ApiKeys:0", Key), ("Auth:ApiKeys:1", $"sha256:{hash}"));

        (string, string)[][] wrongHeaders =
        [
            [], [("X-API-Key", "wrong")], [("X-API-Key", "")], [("Authorization", "Bearer wrong")], [("Authorization", $"Basic {Key}")],
            [("X-API-Key", Key), ("X-API-Key", Key)],
        ];
        foreach (var wrong in wrongHeaders)
            Assert.Equal("Bearer", (await Refused(ingest, IngestService.Body("txn"), "unauthorized", wrong)).Headers["WWW-Authenticate"]);
        Assert.Empty(await ingest.Database.IdsAsync());

        (await ingest.PostAsync(IngestService.Body("by_header"), ("X-API-Key", Key))).IsAccepted("by_header");
        (await ingest.PostAsync(IngestService.Body("by_bearer"), ("Authorization", $"bearer {Key}"))).IsAccepted("by_bearer");
        (await ingest.PostAsync(IngestService.Body("by_hash"), ("X-API-Key", "another-key-by-its-hash"))).IsAccepted("by_hash");
    }

    [Fact]
    public async Task Where_secrets_are_configured_a_webhook_must_be_signed_by_one_of_them()
    {
        await using var ingest = await IngestService.StartAsync(servers, ("WebhookSignature:Secrets:0", Old), ("WebhookSignature:Secrets:1", New));
        var body = IngestService.Body("txn");

        await Refused(ingest, body, "invalid_signature");
        await Refused(ingest, body, "invalid_signature", Signed(SignatureCheckTests.NewSecret(3, 32), body));
        await Refused(ingest, body, "invalid_signature", Signed(New, body + " "));
        await Refused(ingest, body, "invalid_signature", Signed(New, body, secondsAgo: 400));
        await Refused(ingest, "not even JSON", "invalid_signature");
        Assert.Empty(await ingest.Database.IdsAsync());

        (await ingest.PostAsync(body, Signed(Old, body))).IsAccepted("txn");
        (await ingest.PostAsync(body, Signed(New, body))).IsAccepted("txn", duplicate: true);
    }

    [Fact]
    public async Task Where_both_are_configured_both_are_needed_also_in_Production()
    {
        await using var ingest = await IngestService.StartAsync(
            servers, ("environment", "Production"), ("Auth:ApiKeys:0", Key), ("WebhookSignature:Secrets:0", New));
        var body = IngestService.Body("txn");

        await Refused(ingest, body, "unauthorized", Signed(New, body));
        await Refused(ingest, body, "invalid_signature", ("X-API-Key", Key));

        (await ingest.PostAsync(body, [("X-API-Key", Key), .. Signed(New, body)])).IsAccepted("txn");
    }

    [Theory]
    [InlineData("Auth:AllowAnonymous", "true"), InlineData("WebhookSignature:Secrets:0", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public async Task Production_starts_when_it_is_open_on_purpose_or_asks_for_signatures(string name, string value)
    {
        await using var ingest = await IngestService.StartAsync(servers, ("environment", "Production"), (name, value));

        Assert.Equal(name.StartsWith("Auth", StringComparison.Ordinal) ? 202 : 401, (await ingest.PostAsync(IngestService.Body("txn"))).Status);
    }

    private static async Task<Answer> Refused(IngestService ingest, string body, string error, params (string, string)[] headers)
    {
        var answer = await ingest.PostAsync(body, headers);
        answer.IsProblem(401, error);
        return answer;
    }

    private static (string, string)[] Signed(string secret, string body, int secondsAgo = 0)
    {
        var at = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - secondsAgo).ToString(CultureInfo.InvariantCulture);
        return [("webhook-id", "msg_1"), ("webhook-timestamp", at), ("webhook-signature", SignatureCheckTests.Sign(secret, "msg_1", at, body))];
    }
}
