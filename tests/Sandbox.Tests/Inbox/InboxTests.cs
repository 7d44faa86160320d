using System.Net.Http.Headers;
using System.Text.Json;
using Sandbox.Inbox.Showing;

namespace Sandbox.Tests.Inbox;

/// <summary>What an inbox keeps and shows.</summary>
public sealed class InboxTests(InboxService service) : IClassFixture<InboxService>
{
    private readonly string _inbox = service.NewInbox();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_is_shown_as_it_came()
    {
        const string Body = """{"id":"evt_5","type":"charge.succeeded","data":{"type":"other"}}""";
        using var sent = await service.SendAsync(
            HttpMethod.Post, _inbox, Body, headers: [("webhook-id", "evt_5"), ("webhook-timestamp", "1768473000"), ("X-Other", "a, b")]);

        var inbox = await service.LookAsync(_inbox);
        var delivery = inbox.GetProperty("deliveries")[0];

        Assert.Equal(_inbox.Split('/')[^1], inbox.GetProperty("name").GetString());
        Assert.Equal("normal", inbox.GetProperty("behaviour").GetProperty("behaviour").GetString());
        Assert.Equal(
            ("evt_5", "charge.succeeded", "1768473000", "no secret given", Body),
            (Text("id"), Text("type"), Text("timestamp"), Text("verified"), Text("body")));
        Assert.Equal((1, 200), (delivery.GetProperty("attempt").GetInt32(), delivery.GetProperty("response_status").GetInt32()));
        Assert.Equal(service.Clock.GetUtcNow(), delivery.GetProperty("received_at").GetDateTimeOffset());
        Assert.Equal("a, b", delivery.GetProperty("headers").GetProperty("x-other").GetString());
        Assert.StartsWith("application/json", delivery.GetProperty("headers").GetProperty("content-type").GetString(), StringComparison.Ordinal);

        string? Text(string member) => delivery.GetProperty(member).GetString();
    }

    [Fact]
    public async Task The_same_webhook_id_again_is_a_duplicate_whatever_it_was_answered()
    {
        await service.BehaveAsync(_inbox, """{"behaviour":"fail","times":1}""");
        foreach (var id in new[] { "evt_1", "evt_1", "evt_2", "evt_1", null, null }) (await service.DeliverAsync(_inbox, id: id)).Dispose();

        var inbox = await service.LookAsync(_inbox);

        Assert.Equal((6, 5, 2), (Count("received"), Count("accepted"), Count("duplicates")));
        Assert.Equal(
            [1, 1, 3, 1, 2, 1], inbox.GetProperty("deliveries").EnumerateArray().Select(delivery => delivery.GetProperty("attempt").GetInt32()));

        int Count(string member) => inbox.GetProperty(member).GetInt32();
    }

    [Fact]
    public async Task The_newest_come_first_as_many_as_asked_for_and_of_the_type_asked_for()
    {
        foreach (var (id, type) in new[] { ("1", "a"), ("2", "b"), ("3", "a"), ("4", "a") })
            (await service.DeliverAsync(_inbox, $$"""{"type":"{{type}}"}""", id)).Dispose();

        Assert.Equal(["4", "3", "2", "1"], Ids(await service.LookAsync(_inbox)));
        Assert.Equal(["4", "3"], Ids(await service.LookAsync($"{_inbox}?limit=2")));
        Assert.Equal(["4", "3", "1"], Ids(await service.LookAsync($"{_inbox}?type=a")));
        Assert.Equal(["2"], Ids(await service.LookAsync($"{_inbox}?type=b&limit=1")));
    }

    [Theory, InlineData(1024 * 1024, 200), InlineData(1024 * 1024 + 1, 413)]
    public async Task A_body_of_up_to_1_MiB_is_taken_whether_or_not_its_length_is_said(int bytes, int status)
    {
        foreach (var isSaid in new[] { true, false })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _inbox) { Content = new ByteArrayContent(new byte[bytes]) };
            request.Headers.TransferEncodingChunked = !isSaid;
            using var response = await service.Http.SendAsync(request, Stop);
            Assert.Equal(status, (int)response.StatusCode);
        }

        Assert.Equal(status == 200 ? 2 : 0, (await service.LookAsync(_inbox)).GetProperty("received").GetInt32());
    }

    [Fact]
    public async Task An_empty_body_and_one_that_is_no_text_are_taken()
    {
        using var none = await service.SendAsync(HttpMethod.Post, _inbox);
        using var request = new HttpRequestMessage(HttpMethod.Post, _inbox)
        {
            Content = new ByteArrayContent([0xFF, 0x00, (byte)'a']) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } },
        };
        using var bytes = await service.Http.SendAsync(request, Stop);

        Assert.Equal((200, 200), ((int)none.StatusCode, (int)bytes.StatusCode));
        Assert.Equal(
            ["\uFFFD\0a", ""], (await service.LookAsync(_inbox)).GetProperty("deliveries").EnumerateArray().Select(d => d.GetProperty("body").GetString()));
    }

    [Fact]
    public async Task The_path_without_a_name_is_the_inbox_called_default()
    {
        (await service.DeliverAsync("/sandbox/inbox", id: "evt_default")).Dispose();
        Assert.Equal("evt_default", Ids(await service.LookAsync("/sandbox/inbox/default"))[0]);
    }

    [Fact]
    public async Task Emptied_it_counts_anew_and_keeps_what_it_was_told()
    {
        await service.PutAsync($"{_inbox}/secrets", $$"""{"secrets":["{{InboxService.Secret.Reveal()}}"]}""");
        (await service.DeliverSignedAsync(_inbox, [InboxService.Secret])).Dispose();
        await service.BehaveAsync(_inbox, """{"behaviour":"gone"}""");

        using var emptied = await service.SendAsync(HttpMethod.Delete, _inbox);
        Assert.Equal(204, (int)emptied.StatusCode);
        var empty = await service.LookAsync(_inbox);
        Assert.Equal((0, 0, 0), (Count("received"), Count("verified"), empty.GetProperty("deliveries").GetArrayLength()));
        Assert.Equal("gone", empty.GetProperty("behaviour").GetProperty("behaviour").GetString());

        (await service.DeliverSignedAsync(_inbox, [InboxService.Secret])).Dispose();
        empty = await service.LookAsync(_inbox);
        Assert.Equal((1, 1, 0), (Count("received"), Count("verified"), Count("duplicates")));

        int Count(string member) => empty.GetProperty(member).GetInt32();
    }

    [Fact]
    public async Task The_list_has_the_counts_of_every_inbox()
    {
        (await service.DeliverAsync(_inbox)).Dispose();
        var list = (await service.LookAsync("/sandbox/inbox")).GetProperty("inboxes").EnumerateArray().ToArray();

        Assert.Contains(list, inbox => inbox.GetProperty("name").GetString() == "default");
        var mine = list.Single(inbox => _inbox.EndsWith($"/{inbox.GetProperty("name").GetString()}", StringComparison.Ordinal));
        Assert.Equal(1, mine.GetProperty("received").GetInt32());
    }

    [Fact]
    public async Task A_look_can_wait_until_so_many_have_been_received()
    {
        (await service.DeliverAsync(_inbox)).Dispose();
        Assert.Equal(1, (await service.LookAsync($"{_inbox}?wait=30&after=0")).GetProperty("received").GetInt32());

        var third = service.LookAsync($"{_inbox}?wait=30&after=2");
        await service.Clock.WaitForTimersAsync(1, Stop);
        (await service.DeliverAsync(_inbox)).Dispose();
        Assert.False(third.IsCompleted);
        (await service.DeliverAsync(_inbox)).Dispose();
        Assert.Equal(3, (await third).GetProperty("received").GetInt32());
    }

    [Fact]
    public async Task A_look_that_does_not_say_after_what_waits_for_the_next()
    {
        (await service.DeliverAsync(_inbox)).Dispose();
        var next = service.LookAsync($"{_inbox}?wait=30");
        await service.Clock.WaitForTimersAsync(1, Stop);
        Assert.False(next.IsCompleted);
        (await service.DeliverAsync(_inbox)).Dispose();
        Assert.Equal(2, (await next).GetProperty("received").GetInt32());
    }

    [Fact]
    public async Task A_wait_is_over_when_its_time_is_up()
    {
        var look = service.LookAsync($"{_inbox}?wait=5&after=0");
        await service.Clock.WaitForTimersAsync(1, Stop);
        service.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, (await look).GetProperty("received").GetInt32());
    }

    [Theory]
    [InlineData("limit=0", "limit"), InlineData("limit=1001", "limit"), InlineData("limit=x", "limit"), InlineData("wait=31", "wait")]
    [InlineData("wait=-1", "wait"), InlineData("after=-1", "after"), InlineData("wait=1.5", "wait"), InlineData("after=", "after")]
    public async Task A_parameter_that_cannot_be_meant_is_named(string query, string named)
    {
        using var response = await service.SendAsync(HttpMethod.Get, $"{_inbox}?{query}");
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Equal([named], (await InboxService.JsonAsync(response)).GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Theory, InlineData("POST", ""), InlineData("GET", ""), InlineData("DELETE", ""), InlineData("PUT", "/secrets"), InlineData("PUT", "/behaviour")]
    public async Task A_name_that_no_inbox_can_have_is_refused(string method, string path)
    {
        using var response = await service.SendAsync(new HttpMethod(method), $"/sandbox/inbox/%3Cb%3E{path}", method is "GET" or "DELETE" ? null : "{}");
        Assert.Equal(422, (int)response.StatusCode);
        Assert.True((await InboxService.JsonAsync(response)).GetProperty("errors").TryGetProperty("name", out _));
    }

    [Fact]
    public async Task A_browser_gets_a_page_on_which_what_others_sent_is_escaped()
    {
        const string Evil = "<script>alert('\"')</script>";
        using var sent = await service.SendAsync(
            HttpMethod.Post, _inbox, $$"""{"type":"{{Evil.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}""",
            headers: [("webhook-id", Evil), ("X-Evil", Evil)]);

        foreach (var path in new[] { _inbox, "/sandbox/inbox" })
        {
            using var response = await service.SendAsync(HttpMethod.Get, path, headers: ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));
            var page = await response.Content.ReadAsStringAsync(Stop);

            Assert.Equal(("text/html", "utf-8"), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentType.CharSet));
            Assert.Contains("default-src 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.Contains("""<meta http-equiv="refresh" content="2">""", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(_inbox.Split('/')[^1], page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_page_shows_all_that_a_delivery_has_escaped_and_the_beginning_of_a_large_body()
    {
        const string Evil = "<b>&\"'";
        var delivery = new DeliveryReply(
            Evil, Evil, Evil, DateTimeOffset.UnixEpoch, 3, Evil, null, new Dictionary<string, string> { [Evil] = Evil }, $"{Evil}{new string('x', 5_000)}");
        var page = InboxPage.Of(new InboxReply("name", 1, 0, 0, 0, 0, new("normal", 500, TimeSpan.Zero, 30, 1, null), [delivery]));

        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.Equal(6, page.Split("&lt;b&gt;&amp;&quot;&#39;").Length - 1); // Type, id, verdict, body, and a header's name and value.
        Assert.Contains("attempt 3", page, StringComparison.Ordinal);
        Assert.Contains("answered nothing", page, StringComparison.Ordinal);
        Assert.Contains($"and {Evil.Length + 5_000 - InboxPage.MaxBody} characters more", page, StringComparison.Ordinal);
    }

    [Theory, InlineData(null), InlineData("*/*"), InlineData("application/json, text/html")]
    public async Task A_program_gets_JSON(string? accept)
    {
        using var response = await service.SendAsync(HttpMethod.Get, _inbox, headers: accept is null ? [] : [("Accept", accept)]);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
    }

    private static string[] Ids(JsonElement inbox) =>
        [.. inbox.GetProperty("deliveries").EnumerateArray().Select(delivery => delivery.GetProperty("id").GetString()!)];
}
