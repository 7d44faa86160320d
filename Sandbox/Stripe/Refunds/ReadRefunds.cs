using System.Collections.Frozen;
using Sandbox.Stripe.Books;
using Sandbox.Stripe.Requests;

namespace Sandbox.Stripe.Refunds;

/// <summary><c>GET /v1/refunds/{id}</c> and <c>GET /v1/refunds</c>.</summary>
internal static class ReadRefunds
{
    private static readonly FrozenSet<string> OneNames = FrozenSet<string>.Empty;
    private static readonly FrozenSet<string> ListNames = FrozenSet.Create("payment_intent", "limit", "starting_after");

    public static StripeAnswer Get(StripeForm form, string id, StripeBooks books)
    {
        form.Allow(OneNames);
        if (form.Fault is { } fault) return StripeAnswer.Unread(fault);
        return books.Refunds.Find(id) is { } entry
            ? StripeAnswer.Ok(entry.Now)
            : StripeAnswer.Failed(StatusCodes.Status404NotFound, StripeError.NoSuch("refund", id, "refund"));
    }

    public static StripeAnswer List(StripeForm form, StripeBooks books)
    {
        form.Allow(ListNames);
        var intent = form.Text("payment_intent");
        var (limit, after) = StripePage.Read(form);
        if (form.Fault is { } fault) return StripeAnswer.Unread(fault);
        if (after is not null && books.Refunds.Find(after) is null) return StripePage.NoSuch("refund", after);

        var (page, hasMore) = books.Refunds.List(after, limit, entry => intent is null || entry.Now.PaymentIntent == intent);
        return StripeAnswer.Ok(new StripeList<Refund>([.. page.Select(entry => entry.Now)], hasMore, "/v1/refunds"));
    }
}
