using System.Security.Cryptography;
using System.Text;

namespace Contracts.Tests;

public sealed class StandardWebhooksTests
{
    // The test vector of the specification's libraries: https://github.com/standard-webhooks/standard-webhooks.
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek", Timestamp = "1614265330", Body = """{"test": 2432232314}""";
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly WebhookSecret _secret = WebhookSecret.Parse(Secret)!, _new = WebhookSecret.New(RandomNumberGenerator.Fill);

    [Fact]
    public void The_example_of_the_specification_is_signed_as_it_says() =>
        Assert.Equal(Signature, StandardWebhooks.Sign([_secret], Id, Timestamp, Encoding.UTF8.GetBytes(Body)));

    [Fact]
    public void During_rotation_a_receiver_that_knows_either_secret_accepts_the_message()
    {
        var signatures = StandardWebhooks.Sign([_new, _secret], Id, Timestamp, Encoding.UTF8.GetBytes(Body));

        Assert.Equal(2, signatures.Split(' ').Length);
        Assert.Equal(WebhookVerification.Valid, Verify([_secret], signatures));
        Assert.Equal(WebhookVerification.Valid, Verify([_new], signatures));
        Assert.Equal(WebhookVerification.Valid, Verify([WebhookSecret.New(RandomNumberGenerator.Fill), _new], signatures));
        Assert.Equal(WebhookVerification.NoMatch, Verify([WebhookSecret.New(RandomNumberGenerator.Fill)], signatures));
    }

    [Theory]
    [InlineData(-300, WebhookVerification.Valid), InlineData(300, WebhookVerification.Valid)]
    [InlineData(-301, WebhookVerification.OutsideTolerance), InlineData(301, WebhookVerification.OutsideTolerance)]
    public void A_message_is_accepted_within_the_tolerance_in_either_direction(int secondsLater, WebhookVerification result) =>
        Assert.Equal(result, Verify([_secret], Signature, secondsLater: secondsLater));

    [Theory]
    [InlineData("msg_other", Timestamp, Body), InlineData(Id, "1614265331", Body), InlineData(Id, Timestamp, Body + " ")]
    public void Id_timestamp_and_body_are_all_signed(string id, string timestamp, string body) =>
        Assert.Equal(WebhookVerification.NoMatch, Verify([_secret], Signature, id, timestamp, body));

    [Theory]
    [InlineData("soon"), InlineData("-1"), InlineData("1.5"), InlineData("99999999999999999999"), InlineData("")]
    public void A_timestamp_is_whole_seconds(string timestamp) =>
        Assert.Equal(WebhookVerification.MalformedTimestamp, Verify([_secret], Signature, timestamp: timestamp));

    [Theory]
    [InlineData(Secret, true), InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false), InlineData("whsec_", false), InlineData("", false)]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", false), InlineData("whsec_plJ3nmyCDGBKInavdOK15jsl", false)]
    public void A_secret_has_at_least_24_bytes(string text, bool isSecret) => Assert.Equal(isSecret ? text : null, WebhookSecret.Parse(text)?.Reveal());

    [Fact]
    public void A_secret_is_not_printed_by_accident() => Assert.Equal("whsec_...", $"{_secret}");

    [Fact]
    public void Nothing_is_sent_unsigned() => Assert.Throws<ArgumentException>(() => StandardWebhooks.Sign([], Id, Timestamp, default));

    private static WebhookVerification Verify(
        WebhookSecret[] secrets, string signatures, string id = Id, string timestamp = Timestamp, string body = Body, int secondsLater = 0) =>
        StandardWebhooks.Verify(
            secrets, id, timestamp, signatures, Encoding.UTF8.GetBytes(body), DateTimeOffset.FromUnixTimeSeconds(1614265330 + secondsLater), Tolerance);
}
