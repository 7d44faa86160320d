using System.ComponentModel;
using Sandbox.Inbox.Receiving;

namespace Sandbox.Inbox.Showing;

/// <summary>An inbox. All of it is of one moment.</summary>
internal sealed record InboxReply(
    [property: Description("Its name.")] string Name,
    [property: Description("How many deliveries it has had since it was made or emptied; it keeps the newest of them.")] long Received,
    [property: Description("How many of them had a valid signature.")] long Verified,
    [property: Description("How many were answered 2xx.")] long Accepted,
    [property: Description("How many had a webhook-id that had come before.")] long Duplicates,
    [property: Description("How many secrets it verifies with.")] int Secrets,
    [property: Description("How it answers.")] InboxBehaviour Behaviour,
    [property: Description("The newest deliveries, the newest first.")] IReadOnlyList<DeliveryReply> Deliveries)
{
    /// <summary>An inbox as it is now.</summary>
    /// <param name="inbox">The inbox.</param>
    /// <param name="limit">How many deliveries are shown.</param>
    /// <param name="type">Only those of this type; null: of all.</param>
    public static InboxReply Of(NamedInbox inbox, int limit, string? type)
    {
        var (counts, behaviour, newest) = inbox.Look();
        var shown = newest.Select(delivery => (Delivery: delivery, Type: delivery.ReadType())).Where(each => type is null || each.Type == type).Take(limit);
        return new(
            inbox.Name, counts.Received, counts.Verified, counts.Accepted, counts.Duplicates, inbox.Secrets.Count, behaviour,
            [.. shown.Select(each => DeliveryReply.Of(each.Delivery, each.Type))]);
    }
}

/// <summary>A delivery that an inbox keeps.</summary>
internal sealed record DeliveryReply(
    [property: Description("Its webhook-id; null: it had none.")] string? Id,
    [property: Description("The member type or event_type of its body; null: there is none.")] string? Type,
    [property: Description("Its webhook-timestamp as it was sent; null: it had none.")] string? Timestamp,
    [property: Description("When it had arrived, UTC.")] DateTimeOffset ReceivedAt,
    [property: Description("The how-manieth delivery with this webhook-id it is.")] int Attempt,
    [property: Description("verified; not verified: and why; or no secret given.")] string Verified,
    [property: Description("The HTTP status that it was answered with; null: the connection was reset.")] int? ResponseStatus,
    [property: Description("Its headers, by names in lower case.")] IReadOnlyDictionary<string, string> Headers,
    [property: Description("Its body as text.")] string Body)
{
    public static DeliveryReply Of(Delivery delivery, string? type) => new(
        delivery.Received.Id, type, delivery.Received.Timestamp, delivery.Received.ReceivedAt, delivery.Attempt, delivery.Received.Verified,
        delivery.ResponseStatus, delivery.Received.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value), delivery.ReadText());
}

/// <summary>All inboxes.</summary>
internal sealed record InboxList([property: Description("By name.")] IReadOnlyList<InboxSummary> Inboxes);

/// <summary>An inbox without its deliveries.</summary>
internal sealed record InboxSummary(
    [property: Description("Its name.")] string Name,
    [property: Description("How many deliveries it has had.")] long Received,
    [property: Description("How many of them had a valid signature.")] long Verified,
    [property: Description("How many were answered 2xx.")] long Accepted,
    [property: Description("How many had a webhook-id that had come before.")] long Duplicates,
    [property: Description("How many secrets it verifies with.")] int Secrets,
    [property: Description("How it answers.")] InboxBehaviour Behaviour)
{
    public static InboxSummary Of(NamedInbox inbox)
    {
        var (counts, behaviour, _) = inbox.Look();
        return new(inbox.Name, counts.Received, counts.Verified, counts.Accepted, counts.Duplicates, inbox.Secrets.Count, behaviour);
    }
}
