namespace Contracts;

/// <summary>Names of Kafka record headers. Values are UTF-8 text.</summary>
public static class MessageHeaders
{
    /// <summary>What the record is about, one of <see cref="EventTypes"/>.</summary>
    public const string EventType = "event_type";

    /// <summary>W3C Trace Context of the span that sent the record (<see href="https://www.w3.org/TR/trace-context/"/>).</summary>
    public const string TraceParent = "traceparent";

    /// <summary>On a dead letter: a stable snake_case code of why it could not be processed.</summary>
    public const string DeadLetterReason = "dead_letter_reason";

    /// <summary>On a dead letter: one sentence for a person.</summary>
    public const string DeadLetterDetail = "dead_letter_detail";

    /// <summary>On a dead letter: where it came from, <c>topic/partition/offset</c>.</summary>
    public const string DeadLetterOrigin = "dead_letter_origin";
}

/// <summary>Values of <see cref="MessageHeaders.EventType"/>.</summary>
public static class EventTypes
{
    /// <summary>A webhook was accepted and its row committed.</summary>
    public const string TransactionAccepted = "transaction.accepted";

    /// <summary>A payment is to be taken up, or looked at again.</summary>
    public const string PaymentDue = "payment.due";

    /// <summary>Stripe is to be asked about a charge or a refund.</summary>
    public const string ChargeDue = "charge.due";

    /// <summary>An endpoint has deliveries that are due.</summary>
    public const string DeliveriesDue = "deliveries.due";
}
