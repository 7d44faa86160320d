namespace Sandbox.Stripe.Intents;

/// <summary>What confirming an intent does to it.</summary>
internal static class Attempt
{
    /// <summary>The intent after an attempt to take its amount.</summary>
    /// <param name="intent">The intent, with the id of the attempt.</param>
    /// <param name="card">Its card.</param>
    /// <param name="isOffSession">Whether the card's owner is away.</param>
    public static PaymentIntent After(PaymentIntent intent, TestCard card, bool isOffSession)
    {
        var tried = intent with { ProcessingState = null };
        if (card.Refusal is not { } refusal) return tried with { Status = PaymentIntent.Succeeded, AmountReceived = intent.Amount };
        if (card.IsAskedToAuthenticate && !isOffSession)
            return tried with { Status = PaymentIntent.RequiresAction, NextAction = new("use_stripe_sdk"), LatestCharge = null };

        // As Stripe: the card is named in the error alone, and the intent waits for another.
        return tried with
        {
            Status = PaymentIntent.RequiresPaymentMethod,
            PaymentMethod = null,
            LastPaymentError = refusal with { Charge = (string)intent.LatestCharge!, PaymentMethod = new(intent.PaymentMethod!) },
        };
    }
}
