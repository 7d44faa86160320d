using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Contracts;
using Data.Payments;
using Processor.Worker.Work;

namespace Processor.Worker.Payments;

/// <summary>What is known about a payment after the bank was called or asked.</summary>
internal abstract record BankAnswer
{
    private BankAnswer()
    {
    }

    /// <summary>The bank has carried it out or failed it. Final.</summary>
    internal sealed record Settled(BankResult Result) : BankAnswer;

    /// <summary>The bank has accepted it and calls back.</summary>
    internal sealed record Accepted(string? BankReference) : BankAnswer;

    /// <summary>The bank does not have it.</summary>
    internal sealed record NeverSeen : BankAnswer;

    /// <summary>The bank certainly did not accept it this time: no connection, or it answered that it is unavailable.</summary>
    internal sealed record NotAccepted(string Reason, TimeSpan? RetryAfter = null) : BankAnswer;

    /// <summary>No answer, or one that does not tell: whether the bank has it is not known.</summary>
    internal sealed record Unknown(string Reason, TimeSpan? RetryAfter = null) : BankAnswer;

    /// <summary>Our address or key is wrong, which says nothing about the payment.</summary>
    internal sealed record Misconfigured(string Reason, TimeSpan? RetryAfter = null) : BankAnswer;
}

/// <summary>
/// The bank, over HTTP: <c>POST transfers</c> with an Idempotency-Key, so that a repeated call is the same transfer, and <c>GET transfers/{id}</c>, which
/// answers the payment's state. docs/sandbox.md describes both.
/// </summary>
internal sealed class Bank(HttpClient http, TimeProvider clock)
{
    /// <summary>Has the bank carry the payment out.</summary>
    public Task<BankAnswer> CallAsync(ClaimedPayment payment, CancellationToken cancellationToken) =>
        AnswerAsync(isCall: true, async () =>
        {
            var body = new BankOrder(payment.Id, payment.Type, Currency.Format(payment.Amount, payment.Currency), payment.Currency);
            using var request = new HttpRequestMessage(HttpMethod.Post, "transfers") { Content = JsonContent.Create(body, BankJson.Default.BankOrder) };
            request.Headers.Add("Idempotency-Key", SettlePayments.ReferenceOf(payment.Id));
            return await http.SendAsync(request, cancellationToken);
        });

    /// <summary>Asks the bank for the payment's state.</summary>
    public Task<BankAnswer> AskAsync(ClaimedPayment payment, CancellationToken cancellationToken) =>
        AnswerAsync(isCall: false, () =>
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"transfers/{payment.Id}");
            return http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        });

    private async Task<BankAnswer> AnswerAsync(bool isCall, Func<Task<HttpResponseMessage>> sendAsync)
    {
        try
        {
            using var response = await sendAsync();
            return await ReadAsync(response, isCall);
        }
        catch (HttpRequestException exception)
        {
            var reason = $"the bank could not be reached ({exception.HttpRequestError})";
            return isCall && IsBeforeSending(exception.HttpRequestError) ? new BankAnswer.NotAccepted(reason) : new BankAnswer.Unknown(reason);
        }
        catch (TaskCanceledException)
        {
            return new BankAnswer.Unknown($"the bank did not answer within {http.Timeout.TotalSeconds:0.#} s");
        }
    }

    // Nothing of the request can have been sent. After any other error it may have arrived.
    private static bool IsBeforeSending(HttpRequestError error) =>
        error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    private async Task<BankAnswer> ReadAsync(HttpResponseMessage response, bool isCall)
    {
        var outcome = HttpOutcome.Of(response, clock.GetUtcNow());
        var reason = $"the bank answered HTTP {outcome.Status}{(isCall ? "" : " when asked")}";
        return (outcome.Kind, isCall) switch
        {
            (HttpOutcomeKind.Done, _) => Of(await ReadAsync(response, BankJson.Default.BankTransfer)),
            (_, false) when response.StatusCode == HttpStatusCode.NotFound => new BankAnswer.NeverSeen(),
            (HttpOutcomeKind.Misconfigured, _) => new BankAnswer.Misconfigured(reason, outcome.RetryAfter),
            (HttpOutcomeKind.Refused, true) => new BankAnswer.Settled(new BankResult(false, null, await RefusalAsync(response))),
            (_, true) when outcome.IsCertainlyNotDone => new BankAnswer.NotAccepted(reason, outcome.RetryAfter),
            _ => new BankAnswer.Unknown(reason, outcome.RetryAfter),
        };
    }

    private static BankAnswer Of(BankTransfer? transfer) => transfer?.Status switch
    {
        PaymentStatus.Success => new BankAnswer.Settled(new BankResult(true, StoredText.Clean(transfer.BankReference), null)),
        PaymentStatus.Failed =>
            new BankAnswer.Settled(new BankResult(false, StoredText.Clean(transfer.BankReference), StoredText.Clean(transfer.ErrorMessage))),
        _ => new BankAnswer.Accepted(StoredText.Clean(transfer?.BankReference)),
    };

    private static async Task<string> RefusalAsync(HttpResponseMessage response)
    {
        var refusal = await ReadAsync(response, BankJson.Default.BankRefusal);
        return StoredText.Clean(refusal?.Detail) is { } detail
            ? $"The bank refused it: {detail}"
            : $"The bank refused it with HTTP {(int)response.StatusCode}.";
    }

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null; // Not JSON, or in an unknown encoding: only the status tells.
        }
    }
}

internal sealed record BankOrder(long TransactionId, string Type, string Amount, string Currency);

internal sealed record BankTransfer(string? BankReference, string? Status, string? ErrorMessage);

internal sealed record BankRefusal(string? Error, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BankOrder))]
[JsonSerializable(typeof(BankTransfer))]
[JsonSerializable(typeof(BankRefusal))]
internal sealed partial class BankJson : JsonSerializerContext;
