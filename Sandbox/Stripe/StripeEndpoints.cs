using Sandbox.Stripe.Books;
using Sandbox.Stripe.Intents;
using Sandbox.Stripe.Refunds;
using Sandbox.Stripe.Requests;
using ServiceDefaults.OpenApi;

namespace Sandbox.Stripe;

/// <summary>Stripe's API, as far as it is played here: what is below <c>/v1</c>.</summary>
internal static class StripeEndpoints
{
    public static void MapStripeApi(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/payment_intents", (HttpContext http, StripeRequests requests, CreateIntent create) => requests.AnswerAsync(http, create.Do))
            .Describe<PaymentIntent>("CreatePaymentIntent", "Creates a payment intent, and with confirm=true takes its amount");
        routes.MapGet("/v1/payment_intents", (HttpContext http, StripeRequests requests, StripeBooks books) =>
                requests.AnswerAsync(http, (form, _) => ReadIntents.List(form, books)))
            .Describe<StripeList<PaymentIntent>>("ListPaymentIntents", "Payment intents, the newest first");
        routes.MapGet("/v1/payment_intents/{id}", (HttpContext http, string id, StripeRequests requests, StripeBooks books) =>
                requests.AnswerAsync(http, (form, _) => ReadIntents.Get(form, id, books)))
            .Describe<PaymentIntent>("GetPaymentIntent", "A payment intent as it is now");
        routes.MapPost("/v1/payment_intents/{id}/cancel", (HttpContext http, string id, StripeRequests requests, CancelIntent cancel) =>
                requests.AnswerAsync(http, (form, _) => cancel.Do(form, id)))
            .Describe<PaymentIntent>("CancelPaymentIntent", "Ends a payment intent of which nothing was taken");
        routes.MapPost("/v1/refunds", (HttpContext http, StripeRequests requests, CreateRefund create) => requests.AnswerAsync(http, create.Do))
            .Describe<Refund>("CreateRefund", "Gives back all or a part of what was taken");
        routes.MapGet("/v1/refunds", (HttpContext http, StripeRequests requests, StripeBooks books) =>
                requests.AnswerAsync(http, (form, _) => ReadRefunds.List(form, books)))
            .Describe<StripeList<Refund>>("ListRefunds", "Refunds, the newest first");
        routes.MapGet("/v1/refunds/{id}", (HttpContext http, string id, StripeRequests requests, StripeBooks books) =>
                requests.AnswerAsync(http, (form, _) => ReadRefunds.Get(form, id, books)))
            .Describe<Refund>("GetRefund", "A refund as it is now");
        routes.Map("/v1/{**path}", (HttpContext http, StripeRequests requests) => requests.AnswerAsync(http, (_, _) => Unrecognized(http.Request)))
            .ExcludeFromDescription();
    }

    private static void Describe<T>(this RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithName(name).WithTags("Stripe").WithSummary(summary)
        .WithDescription("As Stripe documents it, with the parameters that docs/sandbox-stripe.md lists. Errors have Stripe's shape.")
        .Produces<T>().Answers(StatusCodes.Status200OK, "In Stripe's shape.");

    private static StripeAnswer Unrecognized(HttpRequest request) => StripeAnswer.Failed(
        StatusCodes.Status404NotFound,
        new(StripeError.InvalidRequest,
            $"Unrecognized request URL ({request.Method}: {request.Path}). The sandbox plays payment intents and refunds alone: docs/sandbox-stripe.md.")) with
    { IsKept = false };
}
