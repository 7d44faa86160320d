using System.Net.Sockets;
using System.Text.Json;

namespace Sandbox.Tests.Inbox;

/// <summary>Each thing that an inbox can be told to do, by its name. It keeps the delivery in any case.</summary>
public sealed class InboxBehaviourTests(InboxService service) : IClassFixture<InboxService>
{
    private readonly string _inbox = service.NewInbox();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"behaviour":"normal"}""", 200), InlineData("""{"behaviour":"fail"}""", 500), InlineData("""{"behaviour":"fail","status":404}""", 404)]
    [InlineData("""{"behaviour":"gone"}""", 410), InlineData("""{"behaviour":"too_many"}""", 429), InlineData("""{"behaviour":"unavailable"}""", 503)]
    [InlineData("""{"behaviour":"redirect"}""", 302), InlineData("""{"behaviour":"disable"}""", 200)]
    public async Task It_answers_the_status_that_it_was_told_and_keeps_the_delivery(string behaviour, int status)
    {
        await service.BehaveAsync(_inbox, behaviour);

        using var response = await service.DeliverAsync(_inbox);

        Assert.Equal(status, (int)response.StatusCode);
        var inbox = await service.LookAsync(_inbox);
        Assert.Equal((1, status == 200 ? 1 : 0), (inbox.GetProperty("received").GetInt32(), inbox.GetProperty("accepted").GetInt32()));
        Assert.Equal(status, inbox.GetProperty("deliveries")[0].GetProperty("response_status").GetInt32());
    }

    [Theory, InlineData("too_many"), InlineData("unavailable")]
    public async Task Too_many_and_unavailable_say_when_to_come_back(string behaviour)
    {
        await service.BehaveAsync(_inbox, $$"""{"behaviour":"{{behaviour}}","retry_after":300}""");
        using var response = await service.DeliverAsync(_inbox);
        Assert.Equal(TimeSpan.FromSeconds(300), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Disable_says_so_by_a_header()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"disable"}""");
        using var response = await service.DeliverAsync(_inbox);
        Assert.Equal(["disable"], response.Headers.GetValues("webhook-delivery"));
    }

    [Fact]
    public async Task Redirect_leads_to_the_inbox_called_elsewhere()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"redirect"}""");
        using var response = await service.DeliverAsync(_inbox);
        Assert.Equal("/sandbox/inbox/elsewhere", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Slow_answers_after_the_delay_and_shows_the_delivery_before()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"slow","delay":"00:00:07"}""");
        var delivery = service.DeliverAsync(_inbox);

        await service.Clock.WaitForTimersAsync(1, Stop);
        Assert.Equal(1, (await service.LookAsync(_inbox)).GetProperty("received").GetInt32());
        service.Clock.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromMilliseconds(1));
        Assert.True(service.Clock.WaitForTimersAsync(1, Stop).IsCompleted, "It still waits.");
        service.Clock.Advance(TimeSpan.FromMilliseconds(1));
        using var response = await delivery;
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task Huge_answers_more_than_anybody_reads_and_takes_it_that_the_caller_hangs_up()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"huge"}""");

        using (var response = await service.DeliverAsync(_inbox))
        {
            await using var body = await response.Content.ReadAsStreamAsync(Stop);
            await body.ReadExactlyAsync(new byte[16 * 1024 * 1024], Stop);
            Assert.NotEqual(-1, body.ReadByte());
        }

        Assert.Equal(200, (await service.LookAsync(_inbox)).GetProperty("deliveries")[0].GetProperty("response_status").GetInt32());
    }

    [Fact]
    public async Task Drip_answers_one_byte_a_second()
    {
        await using var alone = new InboxService(); // Its clock's only timer is the drip's, which goes on until the server sees that nobody listens.
        await alone.InitializeAsync();
        await alone.BehaveAsync(_inbox, """{"behaviour":"drip"}""");
        using var response = await alone.DeliverAsync(_inbox);
        await using var body = await response.Content.ReadAsStreamAsync(Stop);
        var bytes = new byte[10];

        for (var second = 0; second < 3; second++)
        {
            Assert.Equal(1, await body.ReadAsync(bytes, Stop));
            var next = body.ReadAsync(bytes.AsMemory(0, 0), Stop).AsTask(); // Completes when there is something to read.
            await alone.Clock.WaitForTimersAsync(1, Stop);
            alone.Clock.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromMilliseconds(1));
            await alone.LookAsync(_inbox); // A byte that came too early would be here by now.
            Assert.False(next.IsCompleted);
            alone.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await next;
        }
    }

    [Fact]
    public async Task Close_resets_the_connection_without_an_answer()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"close"}""");

        var broken = await Assert.ThrowsAsync<HttpRequestException>(() => service.DeliverAsync(_inbox));

        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(broken.GetBaseException()).SocketErrorCode);
        var inbox = await service.LookAsync(_inbox);
        Assert.Equal((1, 0), (inbox.GetProperty("received").GetInt32(), inbox.GetProperty("accepted").GetInt32()));
        Assert.Equal(JsonValueKind.Null, inbox.GetProperty("deliveries")[0].GetProperty("response_status").ValueKind);
    }

    [Fact]
    public async Task Times_ends_it_after_so_many_deliveries()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"fail","times":2}""");

        var statuses = new List<int>();
        var left = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await service.DeliverAsync(_inbox);
            statuses.Add((int)response.StatusCode);
            left.Add((await BehaviourAsync()).GetProperty("times").ToString());
        }

        Assert.Equal([500, 500, 200, 200], statuses);
        Assert.Equal(["1", "", "", ""], left);
        Assert.Equal("normal", (await BehaviourAsync()).GetProperty("behaviour").GetString());
    }

    [Fact]
    public async Task A_share_of_the_deliveries_is_hit_and_times_counts_those_alone()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"fail","share":0.5,"times":150}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => service.DeliverAsync(_inbox)));

        var hit = answers.Count(answer => (int)answer.StatusCode == 500);
        Assert.InRange(hit, 60, 140);
        Assert.Equal(150 - hit, (await BehaviourAsync()).GetProperty("times").GetInt32());
    }

    [Fact]
    public async Task It_is_changed_member_by_member_but_a_behaviour_that_is_named_without_times_has_no_end()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"fail","status":502,"times":3}""");
        await service.BehaveAsync(_inbox, """{"delay":"00:00:09","retry_after":0}""");
        Assert.Equal(
            """{"behaviour":"fail","status":502,"delay":"00:00:09","retry_after":0,"share":1,"times":3}""", (await BehaviourAsync()).ToString());
        await service.BehaveAsync(_inbox, """{"behaviour":"unavailable","share":0.25}""");
        Assert.Equal(
            """{"behaviour":"unavailable","status":502,"delay":"00:00:09","retry_after":0,"share":0.25,"times":null}""", (await BehaviourAsync()).ToString());
    }

    [Fact]
    public async Task Another_inbox_behaves_as_before()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"gone"}""");
        using var response = await service.DeliverAsync(service.NewInbox());
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("""{"behaviour":"generous"}""", 422, "behaviour")]
    [InlineData("""{"status":200}""", 422, "status"), InlineData("""{"status":600}""", 422, "status")]
    [InlineData("""{"delay":"-00:00:01"}""", 422, "delay"), InlineData("""{"delay":"02:00:00"}""", 422, "delay")]
    [InlineData("""{"retry_after":-1}""", 422, "retry_after"), InlineData("""{"retry_after":86401}""", 422, "retry_after")]
    [InlineData("""{"share":1.5}""", 422, "share"), InlineData("""{"share":-1}""", 422, "share")]
    [InlineData("""{"behaviour":"fail","times":0}""", 422, "times"), InlineData("""{"behaviour":"fail","times":1000001}""", 422, "times")]
    [InlineData("""{"behaviour":"normal","times":1}""", 422, "times")]
    [InlineData("""{"delays":"00:00:01"}""", 400, "delays"), InlineData("""{"delay":3}""", 400, "delay"), InlineData("[]", 400, "JSON object")]
    public async Task What_cannot_be_meant_changes_nothing_and_is_named(string json, int status, string named)
    {
        var before = (await BehaviourAsync()).ToString();
        var (answered, problem) = await service.PutAsync($"{_inbox}/behaviour", json);

        Assert.Equal(status, answered);
        if (status == 422) Assert.Equal([named], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        else Assert.Contains(named, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, (await BehaviourAsync()).ToString());
    }

    private Task<JsonElement> BehaviourAsync() => service.LookAsync($"{_inbox}/behaviour");
}
