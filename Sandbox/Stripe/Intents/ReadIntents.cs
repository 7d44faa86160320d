using System.Collections.Frozen;
using Sandbox.Stripe.Books;
using Sandbox.Stripe.Requests;

namespace Sandbox.Stripe.Intents;

/// <summary><c>GET /v1/payment_intents/{id}</c> and <c>GET /v1/payment_intents</c>.</summary>
internal static class ReadIntents
{
    private const string InList = "data.latest_charge";

    private static readonly FrozenSet<string> OneNames = FrozenSet.Create("client_secret");
    private static readonly FrozenSet<string> ListNames =
        FrozenSet.Create("customer", "created", "created[gt]", "created[gte]", "created[lt]", "created[lte]", "limit", "starting_after");

    public static StripeAnswer Get(StripeForm form, string id, StripeBooks books)
    {
        form.Allow(OneNames, IntentRequest.LatestCharge);
        if (form.Fault is { } fault) return StripeAnswer.Unread(fault);
        return books.Intents.Find(id) is { } entry ? Shown(form, entry.Now, entry.Refunded) : NotFound(id);
    }

    public static StripeAnswer List(StripeForm form, StripeBooks books)
    {
        form.Allow(ListNames, InList);
        var customer = form.Text("customer");
        var (from, to) = Created(form);
        var (limit, after) = StripePage.Read(form);
        if (form.Fault is { } fault) return StripeAnswer.Unread(fault);
        if (after is not null && books.Intents.Find(after) is null) return StripePage.NoSuch("payment_intent", after);

        var (page, hasMore) = books.Intents.List(after, limit, entry =>
            entry.Now.Created >= from && entry.Now.Created <= to && (customer is null || entry.Now.Customer == customer));
        var isExpanded = form.Expands(InList);
        return StripeAnswer.Ok(new StripeList<PaymentIntent>(
            [.. page.Select(entry => isExpanded ? Expanded(entry.Now, entry.Refunded) : entry.Now)], hasMore, "/v1/payment_intents"));
    }

    /// <summary>The intent, with its charge when the form asks for it.</summary>
    public static StripeAnswer Shown(StripeForm form, PaymentIntent intent, long refunded) =>
        StripeAnswer.Ok(form.Expands(IntentRequest.LatestCharge) ? Expanded(intent, refunded) : intent);

    public static StripeAnswer NotFound(string id) =>
        StripeAnswer.Failed(StatusCodes.Status404NotFound, StripeError.NoSuch("payment_intent", id, "intent"));

    private static PaymentIntent Expanded(PaymentIntent intent, long refunded) =>
        intent.LatestCharge is null ? intent : intent with { LatestCharge = Charge.Of(intent, refunded) };

    // The first and the last second.
    private static (long From, long To) Created(StripeForm form)
    {
        var (from, to) = (0L, long.MaxValue);
        if (Second("created") is { } exact) (from, to) = (exact, exact);
        if (Second("created[gte]") is { } atLeast) from = Math.Max(from, atLeast);
        if (Second("created[gt]") is { } after) from = Math.Max(from, after + 1);
        if (Second("created[lte]") is { } atMost) to = Math.Min(to, atMost);
        if (Second("created[lt]") is { } before) to = Math.Min(to, before - 1);
        return (from, to);

        long? Second(string name) => form.Whole(name, 0, uint.MaxValue);
    }
}
