using Portal.Web.Payer;

namespace Portal.Web.Tests.Payer;

public sealed class PaymentTimelineTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = At.AddSeconds(7);

    private static readonly Payment Deposit = new(1, 1, "deposit", "pending", "25.00", "USD", null, null, null, At, At, null);
    private static readonly Payment Withdrawal = Deposit with { Type = "withdrawal" };

    public static TheoryData<string, string?, string?, bool, string> Ways => new()
    {
        { "pending", null, null, false, "done now later later" },
        { "processing", null, null, false, "done now later later" },
        { "processing", null, "The bank is unavailable.", false, "done now later later" },
        { "processing", "DEP-0123456789AB", null, false, "done done now later" },
        { "success", "DEP-0123456789AB", null, true, "done done done done" },
        { "failed", "DEP-0123456789AB", "The account is closed.", true, "done done failed failed" },
        { "failed", null, "The bank refused it.", true, "done done failed failed" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_steps_say_how_far_a_payment_is(string status, string? reference, string? error, bool isSettled, string states)
    {
        foreach (var type in (string[])["deposit", "withdrawal"])
        {
            var payment = Deposit with
            {
                Type = type,
                Status = status,
                BankReference = reference,
                ErrorMessage = error,
                ProcessedAt = isSettled ? Later : null,
            };

            Assert.Equal(states, string.Join(' ', PaymentTimeline.Of(payment).Select(step => step.State)));
        }
    }

    [Fact]
    public void A_withdrawal_that_failed_says_why_and_that_the_hold_was_given_back()
    {
        var steps = PaymentTimeline.Of(Withdrawal with { Status = "failed", ErrorMessage = "The account is closed.", ProcessedAt = Later });

        Assert.Contains("25.00 USD were set aside", steps[0].Text, StringComparison.Ordinal);
        Assert.Equal(("The account is closed.", Later), (steps[2].Text, steps[2].At));
        Assert.Contains("The hold was given back: 25.00 USD are available again.", steps[3].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deposit_that_failed_promises_no_money()
    {
        var steps = PaymentTimeline.Of(Deposit with { Status = "failed", ErrorMessage = "Refused.", ProcessedAt = Later });

        Assert.Equal("Nothing was added to your balance.", steps[3].Text);
    }

    [Fact]
    public void A_try_that_did_not_succeed_is_no_failure_yet_and_says_what_was_wrong()
    {
        var step = PaymentTimeline.Of(Deposit with { Status = "processing", ErrorMessage = "The bank is unavailable." })[1];

        Assert.Equal(PaymentTimeline.Now, step.State);
        Assert.Contains("tried again. The bank is unavailable.", step.Text, StringComparison.Ordinal);
    }
}
