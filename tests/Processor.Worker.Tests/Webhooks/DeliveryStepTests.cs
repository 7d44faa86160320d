using Data.Webhooks;
using Processor.Worker.Webhooks;
using ServiceDefaults.Outbound;

namespace Processor.Worker.Tests.Webhooks;

public class DeliveryStepTests
{
    private static readonly WebhookOptions Options = new();

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(299)]
    public void Every_2xx_is_delivered(int status) => Assert.Equal(
        new DeliveryStep(DeliveryStatus.Delivered, TimeSpan.Zero, null, null), After(tries: 3, new() { Status = status }));

    [Fact]
    public void Ten_attempts_are_made_after_the_waits_of_the_contract()
    {
        string[] waits = ["00:00:05", "00:05:00", "00:30:00", "02:00:00", "05:00:00", "10:00:00", "14:00:00", "20:00:00", "1.00:00:00"];
        for (var tries = 0; tries < waits.Length; tries++)
        {
            var step = After(tries, new() { Status = 500 }, new NoJitter());
            Assert.Equal((DeliveryStatus.Pending, TimeSpan.Parse(waits[tries], null)), (step.Status, step.Wait));
        }

        Assert.Equal(DeliveryStatus.Failed, After(tries: 9, new() { Status = 500 }).Status);
    }

    [Fact]
    public void Jitter_only_adds_and_at_most_a_fifth()
    {
        var random = new Random(1);
        for (var n = 0; n < 1_000; n++)
            Assert.InRange(After(tries: 1, new() { Status = 500 }, random).Wait, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public void Retry_After_is_never_undercut(int status)
    {
        var random = new Random(1);
        for (var n = 0; n < 1_000; n++)
            Assert.True(After(tries: 0, new() { Status = status, RetryAfter = TimeSpan.FromSeconds(300) }, random).Wait >= TimeSpan.FromSeconds(300));
    }

    [Fact]
    public void Retry_After_of_other_answers_means_nothing() => Assert.Equal(
        TimeSpan.FromSeconds(5), After(tries: 0, new() { Status = 500, RetryAfter = TimeSpan.FromSeconds(300) }, new NoJitter()).Wait);

    [Fact]
    public void Gone_disables_and_is_not_tried_again()
    {
        var step = After(tries: 0, new() { Status = 410 });
        Assert.Equal((DeliveryStatus.Failed, DisabledReason.Gone), (step.Status, step.Disables));
    }

    [Theory]
    [InlineData(200, DeliveryStatus.Delivered)]
    [InlineData(500, DeliveryStatus.Failed)]
    public void The_header_disables_whatever_the_status_is(int status, string becomes)
    {
        var step = After(tries: 0, new() { Status = status, WebhookDelivery = "Disable" });
        Assert.Equal((becomes, DisabledReason.Receiver), (step.Status, step.Disables));
    }

    [Fact]
    public void After_days_of_nothing_but_failures_the_next_one_disables_and_a_success_does_not()
    {
        Assert.Equal(DisabledReason.Failing, After(tries: 0, new() { Status = 500 }, isToBeDisabled: true).Disables);
        Assert.Null(After(tries: 0, new() { Status = 200 }, isToBeDisabled: true).Disables);
    }

    [Fact]
    public void The_error_says_what_was_wrong()
    {
        Assert.Equal("HTTP 404", After(tries: 0, new() { Status = 404 }).Error);
        Assert.StartsWith("HTTP 302: redirects are not followed", After(tries: 0, new() { Status = 302 }).Error, StringComparison.Ordinal);
        var noAnswer = new SendResult { Failure = new(SendFailureKind.NoAnswer, "no answer within 15 s") };
        Assert.Equal("no answer within 15 s", After(tries: 0, noAnswer).Error);
        Assert.Equal(DeliveryStatus.Pending, After(tries: 0, new() { Status = 200, Failure = new(SendFailureKind.BodyWithoutEnd, "no end") }).Status);
    }

    private static DeliveryStep After(int tries, SendResult result, Random? random = null, bool isToBeDisabled = false)
    {
        var endpoint = new ClaimedEndpoint(Guid.NewGuid(), "https://a.example/", PayloadStyle.Envelope, "", null, IsFailing: false, isToBeDisabled);
        var webhook = new WebhookEvent { Type = "charge.succeeded", ResourceId = "1" };
        return DeliveryStep.After(new(Guid.NewGuid(), Claim: 1, tries, endpoint, webhook, ClaimedAt: 0), result, Options, random ?? new Random(1));
    }

    private sealed class NoJitter : Random
    {
        public override double NextDouble() => 0;
    }
}
