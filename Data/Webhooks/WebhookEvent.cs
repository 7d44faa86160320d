namespace Data.Webhooks;

/// <summary>
/// A row of <c>webhook_events</c>: something happened to a resource, and an endpoint wants to know. It is inserted in the transaction that changes the
/// resource, with the changed row as it is then; the worker renders that when it fans the event out. Where no endpoint wants the event there is no row.
/// </summary>
public sealed class WebhookEvent
{
    /// <summary>The sequence that gives <see cref="Position"/>.</summary>
    public const string Positions = "webhook_event_positions";

    /// <summary>
    /// The <see cref="ResourceId"/> of test events, which are for one endpoint: no resource has it, since no id has parentheses. Whoever looks for events that
    /// an endpoint wants leaves them out.
    /// </summary>
    public const string TestResource = "(test)";

    /// <summary>A UUID of version 7; outside <c>evt_</c> and its 32 hex digits.</summary>
    public Guid Id { get; set; }

    /// <summary>One of <see cref="Contracts.WebhookEvents.All"/>.</summary>
    public required string Type { get; set; }

    /// <summary>The customer whose resource it is; null where resources have none (transactions, payments, notices).</summary>
    public string? CustomerId { get; set; }

    /// <summary>The resource's id, as text.</summary>
    public required string ResourceId { get; set; }

    /// <summary>
    /// Rises from each event of a resource to its next: it is given while the resource's row is locked. Not without gaps; shared by all resources.
    /// </summary>
    public long Sequence { get; set; }

    /// <summary>The resource's row as JSON, as it was at the end of the changing statement; null once <see cref="Data"/> is there.</summary>
    public string? Snapshot { get; set; }

    /// <summary>The resource as its GET shows it, JSON; null until the event is fanned out.</summary>
    public string? Data { get; set; }

    /// <summary>The place in the order of fanning out, which is the order in which they can be read; null until then.</summary>
    public long? Position { get; set; }

    /// <summary>When it happened, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The W3C trace context in which it happened; null without a trace.</summary>
    public string? TraceParent { get; set; }
}
