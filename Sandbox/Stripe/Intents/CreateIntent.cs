using Sandbox.Stripe.Books;
using Sandbox.Stripe.Requests;
using Sandbox.Stripe.Webhooks;

namespace Sandbox.Stripe.Intents;

/// <summary><c>POST /v1/payment_intents</c>: a new intent, and with <c>confirm=true</c> the attempt to take its amount.</summary>
internal sealed partial class CreateIntent(
    StripeBooks books, StripeChance chance, StripeEvents events, LateResults later, TimeProvider clock, ILogger<CreateIntent> logger)
{
    private readonly ILogger _logger = logger;

    /// <param name="form">The parameters.</param>
    /// <param name="late">Null, or how much later it has its result.</param>
    public StripeAnswer Do(StripeForm form, TimeSpan? late)
    {
        if (IntentRequest.Read(form) is not { } request) return StripeAnswer.Unread(form.Fault!);
        if (request.Customer is { } customer && !customer.StartsWith("cus_", StringComparison.Ordinal))
            return Refused(StripeError.NoSuch("customer", customer, "customer"));
        var method = request.PaymentMethod ?? (request.Customer is null ? null : TestCards.Stored);
        var card = method is null ? null : TestCards.Find(method);
        if (method is not null && card is null) return Refused(StripeError.NoSuch("PaymentMethod", method, "payment_method"));
        if (request.IsConfirmed && card is null) return Refused(NothingToConfirm);

        var entry = Enter(Fresh(request, method), card, request, late);
        var intent = entry.Now;
        Created(intent.Id, intent.Amount, intent.Currency, intent.Status);
        return intent.LastPaymentError is { } error && late is null
            ? StripeAnswer.Failed(StatusCodes.Status402PaymentRequired, error with { PaymentIntent = intent })
            : ReadIntents.Shown(form, intent, refunded: 0);
    }

    private IntentEntry Enter(PaymentIntent fresh, TestCard? card, IntentRequest request, TimeSpan? late)
    {
        var first = !request.IsConfirmed ? fresh
            : late is not null ? fresh with { Status = PaymentIntent.Processing, ProcessingState = new("card") }
            : Attempt.After(fresh, card!, request.IsOffSession);
        var entry = new IntentEntry(first, card);
        books.Intents.Add(first.Id, entry);
        if (first.Status == PaymentIntent.Processing) later.After(late!.Value, () => Settle(entry, request.IsOffSession));
        else events.Raise(first, isLate: false);
        return entry;
    }

    private void Settle(IntentEntry entry, bool isOffSession)
    {
        lock (entry.Gate) entry.Now = Attempt.After(entry.Now, entry.Card!, isOffSession);
        Settled(entry.Now.Id, entry.Now.Status);
        events.Raise(entry.Now, isLate: true);
    }

    private PaymentIntent Fresh(IntentRequest request, string? method)
    {
        var id = chance.Id("pi_");
        return new()
        {
            Id = id,
            Amount = request.Amount,
            AutomaticPaymentMethods = request.Automatic,
            ClientSecret = chance.Id($"{id}_secret_"),
            Created = clock.GetUtcNow().ToUnixTimeSeconds(),
            Currency = request.Currency,
            Customer = request.Customer,
            Description = request.Description,
            LatestCharge = request.IsConfirmed ? chance.Id("ch_") : null,
            Metadata = request.Metadata,
            PaymentMethod = method,
            Status = method is null ? PaymentIntent.RequiresPaymentMethod : PaymentIntent.RequiresConfirmation,
        };
    }

    private static StripeError NothingToConfirm => new(
        StripeError.InvalidRequest,
        "You cannot confirm this PaymentIntent because it's missing a payment method. Send payment_method, or a customer that has one.")
    { Code = "payment_intent_unexpected_state", Param = "payment_method" };

    private static StripeAnswer Refused(StripeError error) => StripeAnswer.Failed(StatusCodes.Status400BadRequest, error);

    [LoggerMessage(23, LogLevel.Debug, "{Intent} of {Amount} {Currency}: {Status}")]
    private partial void Created(string intent, long amount, string currency, string status);

    [LoggerMessage(24, LogLevel.Debug, "{Intent} is {Status} now")]
    private partial void Settled(string intent, string status);
}
