using System.Text.Json;

namespace Sandbox.Tests;

/// <summary>Each thing that the bank can be told to do, by its name.</summary>
public sealed class BehaviourTests
{
    private static readonly TimeSpan TenTimes = BankService.LongEnough * 10;

    [Fact]
    public async Task Slow_takes_ten_times_as_long()
    {
        await using var bank = await BankService.StartAsync("slow");
        await bank.PostAsync(5);

        await bank.AdvanceAsync(TimeSpan.FromSeconds(20) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("pending", await StatusAsync(bank, 5));
        bank.Clock.Advance(TenTimes);
        Assert.Equal("success", (await bank.Receiver.NextAsync()).Text("status"));
    }

    [Fact]
    public async Task Duplicate_callback_tells_the_same_three_times()
    {
        await using var bank = await BankService.StartAsync("duplicate_callback");
        await bank.PostAsync(5);
        await bank.AdvanceAsync(BankService.LongEnough);

        var callbacks = new[] { await bank.Receiver.NextAsync(), await bank.Receiver.NextAsync(), await bank.Receiver.NextAsync() };

        Assert.Single(callbacks.Select(callback => callback.Body.ToString()).Distinct());
        Assert.All(callbacks, callback => Assert.True(callback.IsSigned));
    }

    [Fact]
    public async Task Late_callback_answers_nothing_carries_the_transfer_out_and_tells_of_it_long_after()
    {
        await using var bank = await BankService.StartAsync("late_callback");
        await bank.PostUnansweredAsync(5);
        Assert.Equal("pending", await StatusAsync(bank, 5));

        await bank.AdvanceAsync(BankService.LongEnough);
        await bank.Clock.WaitForTimersAsync(1, TestContext.Current.CancellationToken);
        Assert.Equal("success", await StatusAsync(bank, 5));
        bank.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, bank.Receiver.Unseen);
        bank.Clock.Advance(TenTimes);
        Assert.Equal("success", (await bank.Receiver.NextAsync()).Text("status"));
    }

    [Fact]
    public async Task Contradicting_callback_tells_the_other_result_after_the_right_one()
    {
        await using var bank = await BankService.StartAsync("contradicting_callback");
        bank.Receiver.Answer(200, 409);
        await bank.PostAsync(5);
        await bank.AdvanceAsync(BankService.LongEnough);

        var (right, wrong) = (await bank.Receiver.NextAsync(), await bank.Receiver.NextAsync());

        Assert.Equal(("success", "failed"), (right.Text("status"), wrong.Text("status")));
        Assert.True(right.IsSigned && wrong.IsSigned);
        Assert.NotEmpty(wrong.Text("error_message"));
        Assert.Equal("success", await StatusAsync(bank, 5));
    }

    [Fact]
    public async Task Refuses_refuses_for_good_also_when_asked_again_later()
    {
        await using var bank = await BankService.StartAsync("refuses");

        var first = await bank.PostAsync(5);
        await bank.PutBehaviourAsync("""{"behaviour":"normal"}""");
        var again = await bank.PostAsync(5);

        Assert.All([first, again], answer => Assert.Equal((422, "refused"), (answer.Status, answer.Body.GetProperty("error").GetString())));
        Assert.Equal(404, (await bank.GetAsync(5)).Status);
    }

    [Fact]
    public async Task Down_answers_503_to_everything_and_goes_on_with_what_it_had()
    {
        await using var bank = await BankService.StartAsync("normal");
        await bank.PostAsync(5);
        Assert.Equal(200, (await bank.PutBehaviourAsync("""{"behaviour":"down"}""")).Status);

        Assert.Equal((503, 503, 503), ((await bank.PostAsync(5)).Status, (await bank.PostAsync(6)).Status, (await bank.GetAsync(5)).Status));
        await bank.AdvanceAsync(BankService.LongEnough);
        Assert.Equal("5", (await bank.Receiver.NextAsync()).Text("transaction_id"));

        await bank.PutBehaviourAsync("""{"behaviour":"normal"}""");
        Assert.Equal(404, (await bank.GetAsync(6)).Status);
        Assert.Equal(202, (await bank.PostAsync(6)).Status);
    }

    [Fact]
    public async Task It_is_changed_while_it_runs_member_by_member()
    {
        await using var bank = await BankService.StartAsync("normal");

        Assert.Equal("""{"behaviour":"normal","success_rate":1,"min_delay":"00:00:02","max_delay":"00:00:10"}""", await NowAsync(bank));
        await bank.PutBehaviourAsync("""{"success_rate":0.5,"max_delay":"00:00:03"}""");
        await bank.PutBehaviourAsync("""{"behaviour":"slow"}""");

        Assert.Equal("""{"behaviour":"slow","success_rate":0.5,"min_delay":"00:00:02","max_delay":"00:00:03"}""", await NowAsync(bank));
    }

    [Theory]
    [InlineData("""{"behaviour":"generous"}""", 422, "behaviour"), InlineData("""{"success_rate":1.5}""", 422, "success_rate")]
    [InlineData("""{"min_delay":"00:00:30"}""", 422, "min_delay"), InlineData("""{"max_delay":"02:00:00"}""", 422, "max_delay")]
    [InlineData("""{"sucess_rate":1}""", 400, "sucess_rate")]
    [InlineData("""{"min_delay":3}""", 400, "min_delay"), InlineData("[]", 400, ""), InlineData("null", 400, "")]
    public async Task What_cannot_be_meant_changes_nothing_and_is_named(string json, int status, string named)
    {
        await using var bank = await BankService.StartAsync("normal");
        var before = await NowAsync(bank);

        var (answered, problem) = await bank.PutBehaviourAsync(json);

        Assert.Equal(status, answered);
        Assert.Contains(named, problem.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, await NowAsync(bank));
    }

    [Fact]
    public async Task Its_front_page_names_every_behaviour()
    {
        await using var bank = await BankService.StartAsync("normal");

        var home = JsonElement.Parse(await bank.Client.GetByteArrayAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken));

        Assert.Equal(
            ["normal", "slow", "duplicate_callback", "late_callback", "contradicting_callback", "refuses", "down"],
            home.GetProperty("behaviours").EnumerateObject().Select(behaviour => behaviour.Name));
        Assert.Equal("normal", home.GetProperty("now").GetProperty("behaviour").GetString());
        Assert.Equal(
            [
                "normal", "slow", "commit_then_hang", "commit_then_500", "commit_then_500_replayed", "commit_then_reset", "rate_limited", "bad_gateway", "down",
                "late_success",
            ],
            home.GetProperty("stripe").GetProperty("behaviours").EnumerateObject().Select(behaviour => behaviour.Name));
        Assert.Equal("normal", home.GetProperty("stripe").GetProperty("now").GetProperty("behaviour").GetString());
        Assert.Equal(
            ["normal", "slow", "fail", "gone", "too_many", "unavailable", "huge", "drip", "close", "redirect", "disable"],
            home.GetProperty("inbox").GetProperty("behaviours").EnumerateObject().Select(behaviour => behaviour.Name));
        Assert.Equal("normal", home.GetProperty("inbox").GetProperty("now").GetProperty("behaviour").GetString());
    }

    private static async Task<string> StatusAsync(BankService bank, long id) => (await bank.GetAsync(id)).Body.GetProperty("status").GetString()!;

    private static Task<string> NowAsync(BankService bank) =>
        bank.Client.GetStringAsync(new Uri("/behaviour", UriKind.Relative), TestContext.Current.CancellationToken);
}
