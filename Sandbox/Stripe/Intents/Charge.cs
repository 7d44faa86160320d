namespace Sandbox.Stripe.Intents;

/// <summary>An attempt to take an intent's amount.</summary>
internal sealed record Charge
{
    public required string Id { get; init; }

    public string Object { get; } = "charge";

    public required long Amount { get; init; }

    public required long AmountCaptured { get; init; }

    public required long AmountRefunded { get; init; }

    public bool Captured => Paid;

    public required long Created { get; init; }

    public required string Currency { get; init; }

    public required string? Customer { get; init; }

    public required string? FailureCode { get; init; }

    public required string? FailureMessage { get; init; }

    public bool Livemode { get; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required bool Paid { get; init; }

    public required string PaymentIntent { get; init; }

    public required string? PaymentMethod { get; init; }

    /// <summary>Whether all of it was refunded.</summary>
    public required bool Refunded { get; init; }

    /// <summary>succeeded, pending or failed.</summary>
    public required string Status { get; init; }

    /// <summary>The last attempt of an intent that has one.</summary>
    /// <param name="intent">The intent.</param>
    /// <param name="refunded">What was given back of it.</param>
    public static Charge Of(PaymentIntent intent, long refunded) => new()
    {
        Id = (string)intent.LatestCharge!,
        Amount = intent.Amount,
        AmountCaptured = intent.AmountReceived,
        AmountRefunded = refunded,
        Created = intent.Created,
        Currency = intent.Currency,
        Customer = intent.Customer,
        FailureCode = intent.LastPaymentError?.Code,
        FailureMessage = intent.LastPaymentError?.Message,
        Metadata = intent.Metadata,
        Paid = intent.Status == Intents.PaymentIntent.Succeeded,
        PaymentIntent = intent.Id,
        PaymentMethod = intent.PaymentMethod,
        Refunded = refunded > 0 && refunded == intent.AmountReceived,
        Status = intent.Status switch
        {
            Intents.PaymentIntent.Succeeded => "succeeded",
            Intents.PaymentIntent.Processing => "pending",
            _ => "failed",
        },
    };
}
