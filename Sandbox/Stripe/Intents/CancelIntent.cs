using System.Collections.Frozen;
using Sandbox.Stripe.Books;
using Sandbox.Stripe.Requests;
using Sandbox.Stripe.Webhooks;

namespace Sandbox.Stripe.Intents;

/// <summary><c>POST /v1/payment_intents/{id}/cancel</c>: nothing will be taken any more.</summary>
internal sealed class CancelIntent(StripeBooks books, StripeEvents events, TimeProvider clock)
{
    private const string Reason = "cancellation_reason";

    private static readonly FrozenSet<string> Names = FrozenSet.Create(Reason);

    public StripeAnswer Do(StripeForm form, string id)
    {
        form.Allow(Names, IntentRequest.LatestCharge);
        var reason = form.OneOf(Reason, "duplicate", "fraudulent", "requested_by_customer", "abandoned");
        if (form.Fault is { } fault) return StripeAnswer.Unread(fault);
        if (books.Intents.Find(id) is not { } entry) return ReadIntents.NotFound(id);
        PaymentIntent intent;
        lock (entry.Gate)
        {
            intent = entry.Now;
            if (intent.Status is PaymentIntent.Succeeded or PaymentIntent.Canceled or PaymentIntent.Processing) return Unexpected(intent);
            entry.Now = intent = intent with
            {
                Status = PaymentIntent.Canceled,
                CanceledAt = clock.GetUtcNow().ToUnixTimeSeconds(),
                CancellationReason = reason,
                NextAction = null,
            };
        }

        events.Raise(intent, isLate: false);
        return ReadIntents.Shown(form, intent, refunded: 0);
    }

    private static StripeAnswer Unexpected(PaymentIntent intent)
    {
        var message = $"You cannot cancel this PaymentIntent because it has a status of {intent.Status}. Only a PaymentIntent with one of the following "
            + "statuses may be canceled: requires_payment_method, requires_confirmation, requires_action.";
        return StripeAnswer.Failed(
            StatusCodes.Status400BadRequest,
            new(StripeError.InvalidRequest, message) { Code = "payment_intent_unexpected_state", PaymentIntent = intent });
    }
}
