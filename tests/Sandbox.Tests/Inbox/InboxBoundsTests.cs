using System.Text;
using Sandbox.Inbox;
using Sandbox.Inbox.Receiving;

namespace Sandbox.Tests.Inbox;

/// <summary>What an inbox forgets, so that a sandbox that runs for long does not grow.</summary>
public sealed class InboxBoundsTests
{
    private static readonly InboxBehaviour Normal = new(InboxBehaviourName.Normal, 500, TimeSpan.Zero, 30, 1, null);

    [Fact]
    public void The_newest_thousand_are_kept_and_all_are_counted()
    {
        var inbox = NewInbox();
        for (var i = 1; i <= 1_002; i++) inbox.Enter(Received($"{i}"));

        var (counts, _, newest) = inbox.Look();

        Assert.Equal(1_002, counts.Received);
        Assert.Equal(Enumerable.Range(3, 1_000).Reverse().Select(i => $"{i}"), newest.Select(delivery => delivery.Received.Id));
    }

    [Fact]
    public void Of_large_ones_fewer_are_kept()
    {
        var inbox = NewInbox();
        for (var i = 1; i <= 40; i++) inbox.Enter(Received($"{i}", new byte[1024 * 1024]));

        Assert.Equal(16, inbox.Look().Newest.Count);
        inbox.Empty();
        inbox.Enter(Received("1", new byte[1024 * 1024]));
        Assert.Single(inbox.Look().Newest);
    }

    [Fact]
    public void A_duplicate_is_known_after_its_first_delivery_is_forgotten()
    {
        var inbox = NewInbox();
        for (var i = 0; i <= 2_000; i++) inbox.Enter(Received($"{i}"));
        Assert.Equal(2, inbox.Enter(Received("0")).Delivery.Attempt);
    }

    [Fact]
    public void Of_ids_the_newest_are_known()
    {
        var attempts = new AttemptsById(max: 2);
        var (a, b, c) = (AttemptsById.KeyOf("a"), AttemptsById.KeyOf("b"), AttemptsById.KeyOf("c"));

        Assert.Equal([1, 1, 2, 1, 1, 2], new[] { a, b, a, c, a, c }.Select(attempts.Count)); // c displaces a, then a displaces b.
    }

    [Fact]
    public void There_are_a_hundred_inboxes_and_the_one_unused_for_longest_goes_but_never_the_default()
    {
        var inboxes = new Inboxes(Normal, [], new(new Random(1)));
        var first = inboxes.Find("1")!;
        var second = inboxes.Find("2")!;
        for (var i = 3; i <= 99; i++) inboxes.Find($"{i}");
        inboxes.Find("1");
        inboxes.Find("100");

        Assert.Equal(100, inboxes.All.Count());
        Assert.Same(first, inboxes.Find("1"));
        Assert.NotSame(second, inboxes.Find("2"));
        Assert.Contains(inboxes.All, inbox => inbox.Name == "default");
    }

    [Theory]
    [InlineData("a"), InlineData("Orders-2_x.y"), InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void A_name_is_letters_digits_dots_hyphens_and_underscores(string name) =>
        Assert.Equal(name, new Inboxes(Normal, [], new(new Random(1))).Find(name)!.Name);

    [Theory]
    [InlineData(""), InlineData("a b"), InlineData("<b>"), InlineData("a\n"), InlineData("é")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void Another_name_is_none(string name) => Assert.Null(new Inboxes(Normal, [], new(new Random(1))).Find(name));

    [Fact]
    public async Task Deliveries_at_the_same_time_are_all_counted()
    {
        var inbox = NewInbox();
        var entered = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 2_000).Select(i => inbox.Enter(Received($"{i}")).Delivery.Attempt).ToArray())));

        var (counts, _, newest) = inbox.Look();
        Assert.Equal((16_000, 14_000, 1_000), (counts.Received, counts.Duplicates, newest.Count));
        Assert.All(Enumerable.Range(0, 2_000), i => Assert.Equal(Enumerable.Range(1, 8), entered.Select(each => each[i]).Order()));
    }

    [Theory]
    [InlineData("""{"id":"1","data":{"type":"inner"},"list":[{"type":"x"}],"type":"charge.succeeded"}""", "charge.succeeded")]
    [InlineData("""{"event_type":"charge.failed"}""", "charge.failed"), InlineData("""{"type":5,"event_type":"b"}""", "b")]
    [InlineData("""{"type":null}""", null), InlineData("{}", null), InlineData("[]", null), InlineData("", null), InlineData("type", null)]
    [InlineData("""{"a":tru""", null), InlineData("""{"type":"\ud800"}""", null), InlineData("""{"type":"a" """, "a")]
    public void The_type_is_read_from_the_body(string body, string? type) =>
        Assert.Equal(type, NewInbox().Enter(Received("1", Encoding.UTF8.GetBytes(body))).Delivery.ReadType());

    private static NamedInbox NewInbox() => new("orders", Normal, new(new Random(1)));

    private static ReceivedDelivery Received(string id, byte[]? body = null) =>
        new(id, null, DateTimeOffset.UnixEpoch, [], body ?? [], DeliveryVerification.NoSecret);
}
