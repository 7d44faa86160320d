using Data.Payments;
using Processor.Worker.Payments;

namespace Processor.Worker.Tests.Payments;

public sealed class PaymentStepTests
{
    private static readonly PaymentOptions Options = new();

    [Theory]
    [InlineData(0, 2)]
    [InlineData(3, 16)]
    [InlineData(8, 512)]
    [InlineData(9, 600)]
    [InlineData(1000, 600)]
    public void A_retry_waits_at_random_up_to_twice_as_long_each_time_and_at_most_ten_minutes(int attempts, int most)
    {
        var waits = Enumerable.Range(0, 1000)
            .Select(seed => WaitAfter(attempts, new BankAnswer.Unknown("silence"), new Random(seed)).Wait.TotalSeconds).ToList();

        Assert.All(waits, wait => Assert.InRange(wait, 0, most));
        Assert.InRange(waits.Average(), most * 0.45, most * 0.55);
        Assert.True(waits.Max() > most * 0.98 && waits.Min() < most * 0.02, "The jitter is full.");
    }

    [Fact]
    public void What_the_bank_did_not_take_is_tried_five_times_more_and_then_given_up()
    {
        for (var attempts = 0; attempts < 5; attempts++)
        {
            var wait = WaitAfter(attempts, new BankAnswer.NotAccepted("away"), new Random(1));
            Assert.Equal((attempts + 1, false), (wait.Attempts, wait.IsUnanswered));
        }

        Assert.Equal(new PaymentStep.GiveUp("away"), PaymentStep.After(Claimed(5), new BankAnswer.NotAccepted("away"), Options, new Random(1)));
    }

    [Theory, InlineData(0), InlineData(5), InlineData(int.MaxValue - 1)]
    public void What_the_bank_may_have_is_never_given_up(int attempts) =>
        Assert.True(WaitAfter(attempts, new BankAnswer.Unknown("silence"), new Random(1)).IsUnanswered);

    [Fact]
    public void What_the_bank_has_waits_for_its_callback_and_is_no_failed_attempt() => Assert.Equal(
        new PaymentStep.Retry(Options.CallbackTimeout, 3, IsUnanswered: true, "DEP-1", Reason: null),
        PaymentStep.After(Claimed(3), new BankAnswer.Accepted("DEP-1"), Options, new Random(1)));

    [Theory, InlineData(0), InlineData(5), InlineData(99)]
    public void A_wrong_address_or_key_is_no_attempt_waits_for_minutes_and_never_fails_a_payment(int attempts)
    {
        var retry = WaitAfter(attempts, new BankAnswer.Misconfigured("401"), new Random(1));

        Assert.Equal((attempts, true), (retry.Attempts, retry.IsUnanswered));
        Assert.InRange(retry.Wait, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6));
    }

    [Fact]
    public void A_retry_waits_for_as_long_as_the_bank_asks() => Assert.InRange(
        WaitAfter(0, new BankAnswer.NotAccepted("503", RetryAfter: TimeSpan.FromSeconds(300)), new Random(1)).Wait,
        TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(330));

    [Fact]
    public void The_banks_word_is_final()
    {
        var result = new BankResult(false, null, "no");
        Assert.Equal(new PaymentStep.Settle(result), PaymentStep.After(Claimed(99), new BankAnswer.Settled(result), Options, new Random(1)));
    }

    private static PaymentStep.Retry WaitAfter(int attempts, BankAnswer answer, Random random) =>
        Assert.IsType<PaymentStep.Retry>(PaymentStep.After(Claimed(attempts), answer, Options, random));

    private static ClaimedPayment Claimed(int attempts) =>
        new(1, PaymentType.Deposit, 10, "USD", attempts, IsUnanswered: true, TraceParent: null, Claim: 1, ClaimedAt: 0);
}
