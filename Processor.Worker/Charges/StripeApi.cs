using Data.Charges;
using Stripe;

namespace Processor.Worker.Charges;

/// <summary>
/// Stripe, by its own SDK: PaymentIntents that are created and confirmed off-session in one request, and refunds. The SDK tries nothing again by itself: our
/// schedule is in the row. One request sends exactly what the row has (<see cref="StripeOrder"/>).
/// </summary>
internal sealed class StripeApi(StripeClient client, TimeSpan timeout, TimeProvider clock)
{
    private const string ChargeId = "charge_id", RefundId = "refund_id";

    /// <summary>The difference between our clock and Stripe's that a search by time allows for.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    /// <summary>Has Stripe carry it out. The same again, with the same key, is the same payment, and how an unknown outcome is found out.</summary>
    public Task<StripeAnswer> SendAsync(ClaimedStripeRequest request, CancellationToken cancellationToken)
    {
        var options = new RequestOptions { IdempotencyKey = StripeOrder.KeyOf(request.Kind, request.Id, request.Attempt) };
        return AnswerAsync(isSending: true, request.Kind == StripeRequestKind.Charge
            ? async () => StripeAnswer.Of(await new PaymentIntentService(client).CreateAsync(IntentOf(request), options, cancellationToken))
            : async () => StripeAnswer.Of(await new RefundService(client).CreateAsync(RefundOf(request), options, cancellationToken)));
    }

    /// <summary>Asks about what Stripe has, by its id there.</summary>
    public Task<StripeAnswer> AskAsync(ClaimedStripeRequest request, CancellationToken cancellationToken) =>
        AnswerAsync(isSending: false, request.Kind == StripeRequestKind.Charge
            ? async () => StripeAnswer.Of(await new PaymentIntentService(client).GetAsync(request.StripeId, cancellationToken: cancellationToken))
            : async () => StripeAnswer.Of(await new RefundService(client).GetAsync(request.StripeId, cancellationToken: cancellationToken)));

    /// <summary>Looks through Stripe's list for a request whose key Stripe may have forgotten; we know it by its metadata.</summary>
    public Task<StripeAnswer> SearchAsync(ClaimedStripeRequest request, CancellationToken cancellationToken) =>
        AnswerAsync(isSending: false, request.Kind == StripeRequestKind.Charge
            ? () => SearchIntentsAsync(request, cancellationToken)
            : () => SearchRefundsAsync(request, cancellationToken));

    private async Task<StripeAnswer> SearchIntentsAsync(ClaimedStripeRequest request, CancellationToken cancellationToken)
    {
        var asked = clock.GetUtcNow() - request.AskedFor;
        var options = new PaymentIntentListOptions
        {
            Limit = 100,
            Customer = request.Order.Customer,
            Created = new DateRangeOptions { GreaterThanOrEqual = (asked - ClockSkew).UtcDateTime },
        };
        await foreach (var intent in new PaymentIntentService(client).ListAutoPagingAsync(options, cancellationToken: cancellationToken))
        {
            if (IsOf(intent.Metadata, ChargeId, request.ChargeId)) return StripeAnswer.Of(intent);
        }

        return new StripeAnswer.NeverSeen();
    }

    private async Task<StripeAnswer> SearchRefundsAsync(ClaimedStripeRequest request, CancellationToken cancellationToken)
    {
        var options = new RefundListOptions { Limit = 100, PaymentIntent = request.Order.PaymentIntent };
        await foreach (var refund in new RefundService(client).ListAutoPagingAsync(options, cancellationToken: cancellationToken))
        {
            if (IsOf(refund.Metadata, RefundId, request.Id)) return StripeAnswer.Of(refund);
        }

        return new StripeAnswer.NeverSeen();
    }

    private static bool IsOf(Dictionary<string, string>? metadata, string name, Guid id) =>
        metadata?.TryGetValue(name, out var value) == true && value == $"{id}";

    private static PaymentIntentCreateOptions IntentOf(ClaimedStripeRequest request) => new()
    {
        Amount = request.Order.Amount,
        Currency = request.Order.Currency,
        PaymentMethod = request.Order.PaymentMethod,
        Customer = request.Order.Customer,
        Confirm = true,
        OffSession = true,
        AutomaticPaymentMethods = new() { Enabled = true, AllowRedirects = "never" },
        Metadata = new() { [ChargeId] = $"{request.ChargeId}" },
    };

    private static RefundCreateOptions RefundOf(ClaimedStripeRequest request) => new()
    {
        PaymentIntent = request.Order.PaymentIntent,
        Amount = request.Order.Amount,
        Metadata = new() { [ChargeId] = $"{request.ChargeId}", [RefundId] = $"{request.Id}" },
    };

    private async Task<StripeAnswer> AnswerAsync(bool isSending, Func<Task<StripeAnswer>> askAsync)
    {
        try
        {
            return await askAsync();
        }
        catch (StripeException exception)
        {
            var answer = StripeAnswer.Of(exception, clock.GetUtcNow());

            // A question that is refused settles nothing.
            return isSending || answer is not StripeAnswer.Settled
                ? answer
                : new StripeAnswer.Unknown($"Stripe answered {exception.HttpStatusCode} when asked");
        }
        catch (HttpRequestException exception)
        {
            var reason = $"Stripe could not be reached ({exception.HttpRequestError})";
            return isSending && IsBeforeSending(exception.HttpRequestError) ? new StripeAnswer.NotAccepted(reason) : new StripeAnswer.Unknown(reason);
        }
        catch (OperationCanceledException)
        {
            return new StripeAnswer.Unknown($"Stripe did not answer within {timeout.TotalSeconds:0.#} s");
        }
    }

    // Nothing of the request can have been sent.
    private static bool IsBeforeSending(HttpRequestError error) =>
        error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
}
