using System.Buffers;
using System.Globalization;
using System.Text;
using Contracts;

namespace Ingest.Api.Tests;

/// <summary>What anybody can send uses up nobody's limits: only what was verified is counted for all together, and the rest by its address.</summary>
public sealed class UnverifiedRequestTests(Servers servers)
{
    private const string Callback = "/webhooks/bank-callback", LogIn = "/api/v1/auth/login";
    private const string BankSecret = "a-secret-that-the-bank-knows", Admin = "an-admin-key-for-these-tests";
    private static readonly string SenderSecret = SignatureCheckTests.NewSecret(1, 32);

    [Fact]
    public async Task Callbacks_that_the_bank_did_not_sign_leave_everybodys_window_alone_and_are_limited_by_their_address()
    {
        await using var ingest = await StartAsync();
        string[] unsigned = ["""{"transaction_id":1,"status":"success"}""", """{"transaction_id":1,"status":"success","signature":"00"}""", "{", "[]"];
        var statuses = new List<int>();
        foreach (var body in unsigned.Concat(unsigned)) statuses.Add((await PostAsync(ingest, Callback, body)).Status);

        Assert.Equal([401, 401, 400, 429, 429, 429, 429, 429], statuses);
        Assert.Equal(401, (await PostAsync(ingest, Callback, unsigned[0], ("X-Forwarded-For", "192.0.2.2"))).Status);

        // The bank's own are accepted from that address too, and those are counted: two of two.
        for (var i = 0; i < 2; i++) (await PostAsync(ingest, Callback, Signed("\"transaction_id\":1,\"status\":\"success\""))).IsProblem(404, "not_found");
        var refused = await PostAsync(ingest, Callback, Signed("\"transaction_id\":1,\"status\":\"success\""));
        refused.IsProblem(429, "rate_limited");
        Assert.Equal("2", refused.Headers["X-RateLimit-Limit"]);
    }

    [Fact]
    public async Task A_signed_callback_that_is_not_acceptable_is_counted_as_the_banks()
    {
        await using var ingest = await StartAsync();
        for (var i = 0; i < 2; i++)
        {
            (await PostAsync(ingest, Callback, Signed("\"transaction_id\":1,\"status\":\"success\",\"status\":\"success\"")))
                .IsProblem(422, "validation_failed");
        }

        (await PostAsync(ingest, Callback, Signed("\"transaction_id\":1,\"status\":\"success\""))).IsProblem(429, "rate_limited");
    }

    [Fact]
    public async Task Logins_that_fail_leave_everybodys_window_alone()
    {
        await using var ingest = await StartAsync();
        for (var i = 0; i < 10; i++)
        {
            var answer = await PostAsync(ingest, LogIn, $$"""{"email":"nobody-{{i}}@example.com","api_key":"wrong"}""", ("X-Forwarded-For", "192.0.2.3"));
            Assert.Equal(i < 5 ? 401 : 429, answer.Status);
        }

        for (var i = 0; i < 5; i++) Assert.Equal(i < 3 ? 422 : 429, (await PostAsync(ingest, LogIn, "{}", ("X-Forwarded-For", "192.0.2.4"))).Status);

        Assert.Equal(201, (await PostAsync(ingest, "/api/v1/users", """{"email":"somebody@example.com"}""", ("X-API-Key", Admin))).Status);
    }

    [Fact]
    public async Task Webhooks_that_nobody_signed_are_limited_by_their_address_and_signed_ones_come_through()
    {
        await using var ingest = await StartAsync(("WebhookSignature:Secrets:0", SenderSecret));
        for (var i = 0; i < 3; i++) (await ingest.PostAsync(IngestService.Body("txn"))).IsProblem(401, "invalid_signature");
        (await ingest.PostAsync(IngestService.Body("txn"))).IsProblem(429, "rate_limited");

        var (at, body) = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), IngestService.Body("txn"));
        var signature = SignatureCheckTests.Sign(SenderSecret, "m", at, body);
        (await ingest.PostAsync(body, ("webhook-id", "m"), ("webhook-timestamp", at), ("webhook-signature", signature))).IsAccepted("txn");
    }

    [Fact]
    public async Task Thirteen_hundred_wrong_keys_are_told_so_three_times()
    {
        await using var ingest = await StartAsync(("Auth:ApiKeys:0", "a-key-of-more-than-16-characters"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 1300).Select(i => ingest.PostAsync(IngestService.Body("txn"), ("X-API-Key", $"wrong-{i}"))));

        Assert.Equal((3, 1297), (answers.Count(answer => answer.Status == 401), answers.Count(answer => answer.Status == 429)));
        (await ingest.PostAsync(IngestService.Body("txn"), ("X-API-Key", "a-key-of-more-than-16-characters"))).IsAccepted("txn");
    }

    private static string Signed(string members)
    {
        var text = new ArrayBufferWriter<byte>();
        Assert.True(BankSignature.TryCanonicalize(Encoding.UTF8.GetBytes($"{{{members}}}"), text, out _));
        return $$"""{{{members}},"signature":"{{BankSignature.Sign(BankSecret, text.WrittenSpan)}}"}""";
    }

    private static async Task<Answer> PostAsync(IngestService ingest, string path, string body, params (string, string)[] headers)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await ingest.SendAsync(HttpMethod.Post, path, content, headers);
    }

    private Task<IngestService> StartAsync(params (string, string)[] settings) => IngestService.StartAsync(
        servers,
        [
            ("WEBHOOK_SECRET", BankSecret), ("Auth:AdminKeys:0", Admin), ("Auth:Jwt:SigningKeys:0", "a-signing-key-for-these-tests-0123456789"),
            ("RateLimits:Global:Limit", "2"), ("RateLimits:AuthFailures:Limit", "3"), .. settings,
        ]);
}
