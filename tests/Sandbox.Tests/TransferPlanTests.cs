using Sandbox.Bank;

namespace Sandbox.Tests;

/// <summary>What falls to whom, over many draws of one chance.</summary>
public sealed class TransferPlanTests
{
    private const int Draws = 20_000;
    private static readonly BankBehaviour Normal = new(BehaviourName.Normal, 0.9, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));

    [Theory, InlineData(true), InlineData(false)]
    public void Nine_in_ten_succeed(bool isWithdrawal)
    {
        var succeeded = Draw(Normal, isWithdrawal).Count(plan => plan is { Answer: Answer.Accepted, Execution: { Refusal: null } });
        Assert.InRange(succeeded, Draws * 0.88, Draws * 0.92);
    }

    [Fact]
    public void The_others_fail_in_every_way_there_is()
    {
        var plans = Draw(Normal with { SuccessRate = 0 }, isWithdrawal: true);

        // A quarter each, of which time-outs and refusals come in two halves.
        Assert.InRange(plans.Count(plan => plan is { Answer: Answer.None, Execution: null }), Draws * 0.11, Draws * 0.14);
        Assert.InRange(
            plans.Count(plan => plan is { Answer: Answer.None, Execution: { Refusal: null, Callbacks: CallbackKind.None } }),
            Draws * 0.11,
            Draws * 0.14);
        Assert.InRange(plans.Count(plan => plan is { Answer: Answer.Unavailable, Execution: null }), Draws * 0.23, Draws * 0.27);
        foreach (var error in new[] { "refused", "insufficient_funds" })
        {
            Assert.InRange(plans.Count(plan => plan.Answer == Answer.Refused && plan.Refusal?.Error == error), Draws * 0.11, Draws * 0.14);
            Assert.InRange(plans.Count(plan => plan.Answer == Answer.Accepted && plan.Execution?.Refusal?.Error == error), Draws * 0.11, Draws * 0.14);
        }
    }

    [Fact]
    public void A_deposit_is_never_short_of_funds() => Assert.All(
        Draw(Normal with { SuccessRate = 0 }, isWithdrawal: false),
        plan => Assert.NotEqual("insufficient_funds", (plan.Refusal ?? plan.Execution?.Refusal)?.Error));

    [Fact]
    public void One_seed_gives_one_sequence()
    {
        Assert.Equal(Draw(Normal, isWithdrawal: true, seed: 3), Draw(Normal, isWithdrawal: true, seed: 3));
        Assert.NotEqual(Draw(Normal, isWithdrawal: true, seed: 3), Draw(Normal, isWithdrawal: true, seed: 4));
    }

    private static TransferPlan[] Draw(BankBehaviour behaviour, bool isWithdrawal, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Draws).Select(_ => TransferPlan.Of(behaviour, isWithdrawal, random))];
    }
}
