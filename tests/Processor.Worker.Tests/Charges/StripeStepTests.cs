using Data.Charges;
using Processor.Worker.Charges;

namespace Processor.Worker.Tests.Charges;

public class StripeStepTests
{
    private static readonly StripeOptions Options = new() { MaxRetries = 2 };
    private static readonly StripeAnswer.NotAccepted NotAccepted = new("no connection");
    private static readonly StripeAnswer.Unknown Unknown = new("no answer");

    [Fact]
    public void What_was_certainly_not_taken_is_given_up_after_its_retries()
    {
        var retry = Assert.IsType<StripeStep.Retry>(After(NotAccepted, tries: 1));
        Assert.Equal((2, false), (retry.Tries, retry.IsUnanswered));
        var settle = Assert.IsType<StripeStep.Settle>(After(NotAccepted, tries: 2));
        Assert.Equal((false, ChargeFailure.ProcessorUnavailable), (settle.Result.IsSuccess, settle.Result.FailureCode));
    }

    [Fact]
    public void What_may_have_arrived_is_never_given_up_however_often_it_was_tried()
    {
        var retry = Assert.IsType<StripeStep.Retry>(After(Unknown, tries: 1_000));
        Assert.Equal((1_001, true, false), (retry.Tries, retry.IsUnanswered, retry.IsNewAttempt));
        Assert.True(Assert.IsType<StripeStep.Retry>(After(NotAccepted, tries: 1_000, isUnanswered: true)).IsUnanswered);
        Assert.True(Assert.IsType<StripeStep.Retry>(After(new StripeAnswer.OurMistake("two bodies"), tries: 1_000, isUnanswered: true)).IsUnanswered);
    }

    [Fact]
    public void Only_what_Stripes_list_does_not_have_gets_a_new_key()
    {
        var retry = Assert.IsType<StripeStep.Retry>(After(new StripeAnswer.NeverSeen(), tries: 5, isUnanswered: true));
        Assert.Equal((true, false, TimeSpan.Zero), (retry.IsNewAttempt, retry.IsUnanswered, retry.Wait));
    }

    [Fact]
    public void A_payment_in_progress_keeps_its_id_and_counts_no_try()
    {
        var retry = Assert.IsType<StripeStep.Retry>(After(new StripeAnswer.Processing("pi_1"), tries: 1));
        Assert.Equal(("pi_1", 1, true, Options.ProcessingWait), (retry.StripeId, retry.Tries, retry.IsUnanswered, retry.Wait));
    }

    [Fact]
    public void Retry_After_is_the_least_wait_and_a_wrong_key_waits_long_and_counts_no_try()
    {
        Assert.True(Assert.IsType<StripeStep.Retry>(After(NotAccepted with { RetryAfter = TimeSpan.FromMinutes(3) }, tries: 0)).Wait >= TimeSpan.FromMinutes(
            3));
        var retry = Assert.IsType<StripeStep.Retry>(After(new StripeAnswer.Misconfigured("401"), tries: 1));
        Assert.Equal(1, retry.Tries);
        Assert.InRange(retry.Wait, Options.MisconfiguredWait * 0.8, Options.MisconfiguredWait * 1.2);
    }

    private static StripeStep After(StripeAnswer answer, int tries, bool isUnanswered = false) =>
        StripeStep.After(StubStripe.AnyRequest() with { Tries = tries, IsUnanswered = isUnanswered }, answer, Options, new Random(1));
}
