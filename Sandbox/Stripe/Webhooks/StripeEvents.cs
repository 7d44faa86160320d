using System.Threading.Channels;
using Sandbox.Stripe.Intents;
using Sandbox.Stripe.Requests;

namespace Sandbox.Stripe.Webhooks;

/// <summary>What a webhook tells, in the shape of Stripe's events.</summary>
internal sealed record StripeEvent
{
    /// <summary>The version that Stripe.net 53.1 is made for: it refuses events of another release.</summary>
    public const string Version = "2026-10-28.endive";

    public const string Succeeded = "payment_intent.succeeded", PaymentFailed = "payment_intent.payment_failed", Canceled = "payment_intent.canceled";
    public const string RefundUpdated = "refund.updated";

    /// <summary><c>evt_...</c>; the same in every attempt to deliver it.</summary>
    public required string Id { get; init; }

    public string Object { get; } = "event";

    public string ApiVersion { get; } = Version;

    /// <summary>Seconds since 1970.</summary>
    public required long Created { get; init; }

    public required StripeEventData Data { get; init; }

    public bool Livemode { get; }

    public int PendingWebhooks { get; } = 1;

    public required string Type { get; init; }
}

/// <param name="Object">The intent or the refund, as it was when the event happened.</param>
internal sealed record StripeEventData(object Object);

/// <summary>Events to be sent.</summary>
internal sealed class StripeEvents(StripeChance chance, CurrentBehaviour<StripeBehaviour> behaviour, TimeProvider clock)
{
    private readonly Channel<StripeEvent> _raised = Channel.CreateUnbounded<StripeEvent>();

    /// <summary>In the order in which they happened.</summary>
    public ChannelReader<StripeEvent> Raised => _raised.Reader;

    /// <summary>Has a webhook sent, unless only late results are told and this is none.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="data">The intent or the refund.</param>
    /// <param name="isLate">Whether no answer has told it.</param>
    public void Raise(string type, object data, bool isLate)
    {
        if (!isLate && behaviour.Now.Webhooks == StripeWebhooks.Late) return;
        _raised.Writer.TryWrite(new() { Id = chance.Id("evt_"), Created = clock.GetUtcNow().ToUnixTimeSeconds(), Data = new(data), Type = type });
    }

    /// <summary>The same for what has become of an intent.</summary>
    public void Raise(PaymentIntent intent, bool isLate)
    {
        var type = intent.Status switch
        {
            PaymentIntent.Succeeded => StripeEvent.Succeeded,
            PaymentIntent.Canceled => StripeEvent.Canceled,
            PaymentIntent.RequiresPaymentMethod when intent.LastPaymentError is not null => StripeEvent.PaymentFailed,
            _ => null,
        };
        if (type is not null) Raise(type, intent, isLate);
    }
}
