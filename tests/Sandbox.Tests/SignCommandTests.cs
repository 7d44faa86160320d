using System.Text;
using Contracts;
using Microsoft.Extensions.Time.Testing;
using Sandbox.Signing;

namespace Sandbox.Tests;

/// <summary><c>dotnet run --project Sandbox -- sign</c>.</summary>
public sealed class SignCommandTests
{
    private const string Payload = """{"transaction_id":123,"bank_reference":"BANK-REF-123456","status":"success","error_message":null}""";

    // Python: hmac.new(b'whsec_test', json.dumps(json.loads(PAYLOAD), separators=(',',':'), sort_keys=True).encode(), 'sha256').hexdigest()
    private const string Signed =
        """{"bank_reference":"BANK-REF-123456","error_message":null,"status":"success","transaction_id":123"""
        + ""","signature":"2744e8da05932d33cf53161930cf46fcdfdcb6729be7bf70fe9a3bf117a4198e"}""";

    [Fact]
    public async Task It_prints_the_signed_payload_and_a_curl_line_that_sends_it()
    {
        var (code, output, errors) = await RunAsync(["--secret", "whsec_test", Payload]);

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(
            $"{Signed}\n\ncurl -i -X POST 'http://localhost:8000/webhooks/bank-callback' -H 'Content-Type: application/json' \\\n  -d '{Signed}'\n",
            output);
    }

    [Fact]
    public async Task The_payload_may_come_from_standard_input_and_the_secret_from_the_environment()
    {
        var (_, output, _) = await RunAsync(["--url", "https://pay.example/"], secret: "whsec_test", input: Payload);

        Assert.StartsWith(Signed, output, StringComparison.Ordinal);
        Assert.Contains("'https://pay.example/webhooks/bank-callback'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_is_signed_as_the_intake_verifies_it()
    {
        const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Body = """{"transaction_id":"txn_1"}""";
        var (code, output, errors) = await RunAsync(["--webhook", "--secret", Secret, Body]);

        Assert.Equal((0, ""), (code, errors));
        var headers = output.Split('\n')[..3].Select(line => line.Split(": ")).ToDictionary(parts => parts[0], parts => parts[1]);
        Assert.Equal(WebhookVerification.Valid, StandardWebhooks.Verify(
            [WebhookSecret.Parse(Secret)!], headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"], Encoding.UTF8.GetBytes(Body),
            DateTimeOffset.FromUnixTimeSeconds(1614265330), TimeSpan.Zero));
        Assert.Contains("'http://localhost:8000/v1/webhooks/transactions'", output, StringComparison.Ordinal);
        Assert.All(headers, header => Assert.Contains($"-H '{header.Key}: {header.Value}'", output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signing_what_was_signed_changes_nothing() =>
        Assert.StartsWith(Signed, (await RunAsync([Signed, "--secret", "whsec_test"])).Output, StringComparison.Ordinal);

    [Fact]
    public async Task A_quote_in_the_payload_does_not_end_the_shells() =>
        Assert.Contains(@"{""a"":""it'\''s""", (await RunAsync(["--secret", "s", """{"a":"it's"}"""])).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("A secret is needed", "{}"), InlineData("--secret needs a value", "--secret"), InlineData("no option --key", "--key", "s", "{}")]
    [InlineData("more than one payload", "--secret", "s", "{}", "{}"), InlineData("must be a JSON object", "--secret", "s", "[]")]
    [InlineData("must be whsec_", "--webhook", "--secret", "whsec_test", "{}")]
    [InlineData("--url must be", "--secret", "s", "--url", "nowhere", "{}")]
    public async Task Wrong_arguments_are_named_and_the_usage_is_shown(string fault, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(fault, errors, StringComparison.Ordinal);
        Assert.Contains(SignCommand.Usage, errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments, string? secret = null, string input = "")
    {
        using var reader = new StringReader(input);
        await using var output = new StringWriter { NewLine = "\n" };
        await using var errors = new StringWriter { NewLine = "\n" };
        var code = await SignCommand.RunAsync(arguments, secret, reader, output, errors, new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1614265330)));
        return (code, output.ToString(), errors.ToString());
    }
}
