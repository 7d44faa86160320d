using System.Collections.Frozen;
using System.Globalization;
using Sandbox.Stripe.Books;
using Sandbox.Stripe.Intents;
using Sandbox.Stripe.Requests;
using Sandbox.Stripe.Webhooks;

namespace Sandbox.Stripe.Refunds;

/// <summary><c>POST /v1/refunds</c>: gives back all that is left of an intent, or a part of it.</summary>
internal sealed class CreateRefund(
    StripeBooks books, StripeChance chance, StripeEvents events, LateResults later, CurrentBehaviour<StripeBehaviour> behaviour, TimeProvider clock)
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create("payment_intent", "amount", "reason", "metadata");

    /// <param name="form">The parameters.</param>
    /// <param name="late">Null, or how much later it has its result.</param>
    public StripeAnswer Do(StripeForm form, TimeSpan? late)
    {
        form.Allow(Names);
        var id = form.Text("payment_intent", isRequired: true);
        var amount = form.Whole("amount", 1, long.MaxValue);
        var reason = form.OneOf("reason", "duplicate", "fraudulent", "requested_by_customer");
        var metadata = form.ReadMetadata();
        if (form.Fault is { } fault) return StripeAnswer.Unread(fault);
        if (books.Intents.Find(id!) is not { } intent) return Refused(StripeError.NoSuch("payment_intent", id!, "payment_intent"));

        RefundEntry entry;
        lock (intent.Gate)
        {
            if (Refusal(intent, amount) is { } refusal) return Refused(refusal);
            var isPending = late is not null || intent.Card!.Refunds == RefundFate.SucceedsLater;
            entry = new(new()
            {
                Id = chance.Id("re_"),
                Amount = amount ?? intent.Now.AmountReceived - intent.Promised,
                Charge = (string)intent.Now.LatestCharge!,
                Created = clock.GetUtcNow().ToUnixTimeSeconds(),
                Currency = intent.Now.Currency,
                Metadata = metadata,
                PaymentIntent = intent.Now.Id,
                Reason = reason,
                Status = isPending ? Refund.Pending : Refund.Succeeded,
            });
            intent.Promised += entry.Now.Amount;
            if (!isPending) intent.Refunded += entry.Now.Amount;
        }

        return Enter(entry, intent, late ?? behaviour.Now.Delay);
    }

    private StripeAnswer Enter(RefundEntry entry, IntentEntry intent, TimeSpan delay)
    {
        var first = entry.Now;
        books.Refunds.Add(first.Id, entry);
        if (first.Status == Refund.Succeeded) events.Raise(StripeEvent.RefundUpdated, first, isLate: false);
        var fails = intent.Card!.Refunds == RefundFate.FailsLater;
        if (fails || first.Status == Refund.Pending) later.After(delay, () => Settle(entry, intent, fails));
        return StripeAnswer.Ok(first);
    }

    private void Settle(RefundEntry entry, IntentEntry intent, bool fails)
    {
        Refund settled;
        lock (intent.Gate)
        {
            var before = entry.Now;
            settled = fails
                ? before with { Status = Refund.Failed, FailureReason = "expired_or_canceled_card" }
                : before with { Status = Refund.Succeeded };
            if (fails) intent.Promised -= before.Amount;
            intent.Refunded += (settled.Status == Refund.Succeeded ? before.Amount : 0) - (before.Status == Refund.Succeeded ? before.Amount : 0);
            entry.Now = settled;
        }

        events.Raise(StripeEvent.RefundUpdated, settled, isLate: true);
    }

    private static StripeError? Refusal(IntentEntry entry, long? amount)
    {
        var intent = entry.Now;
        if (intent.Status != PaymentIntent.Succeeded)
            return new(StripeError.InvalidRequest, $"This PaymentIntent ({intent.Id}) does not have a successful charge to refund.")
            { Code = "payment_intent_unexpected_state", Param = "payment_intent" };
        var left = intent.AmountReceived - entry.Promised;
        if (left == 0) return new(StripeError.InvalidRequest, $"Charge {intent.LatestCharge} has already been refunded.") { Code = "charge_already_refunded" };
        if (amount is not { } asked || asked <= left) return null;
        return StripeError.Invalid("amount", string.Create(CultureInfo.InvariantCulture,
            $"Refund amount ({asked} {intent.Currency}, in minor units) is greater than unrefunded amount on charge ({left})"), "amount_too_large");
    }

    private static StripeAnswer Refused(StripeError error) => StripeAnswer.Failed(StatusCodes.Status400BadRequest, error);
}
