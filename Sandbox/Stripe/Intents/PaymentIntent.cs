using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Sandbox.Stripe.Books;

namespace Sandbox.Stripe.Intents;

/// <summary>
/// A payment, as Stripe shows it: members of Stripe's own names, those that have a meaning here. It never changes; <see cref="IntentEntry"/> has the one
/// of now.
/// </summary>
internal sealed record PaymentIntent
{
    public const string RequiresPaymentMethod = "requires_payment_method", RequiresConfirmation = "requires_confirmation", RequiresAction = "requires_action";
    public const string Processing = "processing", Succeeded = "succeeded", Canceled = "canceled";

    private static readonly ImmutableArray<string> Card = ["card"];

    /// <summary><c>pi_...</c></summary>
    public required string Id { get; init; }

    public string Object { get; } = "payment_intent";

    /// <summary>In the currency's minor unit.</summary>
    public required long Amount { get; init; }

    public long AmountCapturable { get; }

    /// <summary>What was taken: all of <see cref="Amount"/> or 0.</summary>
    public long AmountReceived { get; init; }

    public AutomaticPaymentMethods? AutomaticPaymentMethods { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public long? CanceledAt { get; init; }

    public string? CancellationReason { get; init; }

    public string CaptureMethod { get; } = "automatic";

    public required string ClientSecret { get; init; }

    public string ConfirmationMethod { get; } = "automatic";

    /// <summary>Seconds since 1970.</summary>
    public required long Created { get; init; }

    /// <summary>Three lower-case letters.</summary>
    public required string Currency { get; init; }

    public string? Customer { get; init; }

    public string? Description { get; init; }

    public StripeError? LastPaymentError { get; init; }

    /// <summary>The id of the last attempt, <c>ch_...</c>; with <c>expand[]=latest_charge</c> the <see cref="Intents.Charge"/> itself.</summary>
    public object? LatestCharge { get; init; }

    public bool Livemode { get; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>What the card's owner has to do first.</summary>
    public TypedPart? NextAction { get; init; }

    public string? PaymentMethod { get; init; }

    public ImmutableArray<string> PaymentMethodTypes { get; } = Card;

    /// <summary>There while it is processed.</summary>
    [JsonPropertyName("processing")]
    public TypedPart? ProcessingState { get; init; }

    public required string Status { get; init; }
}

/// <summary>As it was sent.</summary>
internal sealed record AutomaticPaymentMethods(string AllowRedirects, bool Enabled);

/// <summary>An object of which the type alone is told.</summary>
internal sealed record TypedPart(string Type);

/// <summary>The card in an error.</summary>
internal sealed record PaymentMethod(string Id)
{
    public string Object { get; } = "payment_method";

    public bool Livemode { get; }

    public string Type { get; } = "card";
}
