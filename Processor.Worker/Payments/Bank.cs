using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Data.Payments;

namespace Processor.Worker.Payments;

/// <summary>
/// The bank, over HTTP: <c>POST transfers</c> with an Idempotency-Key, so that a repeated call is the same transfer, and <c>GET transfers/{id}</c>, which
/// tells what has become of it. docs/sandbox.md has both.
/// </summary>
internal sealed class Bank(HttpClient http)
{
    private const int MaxText = 500;

    /// <summary>Has it carry the payment out.</summary>
    public Task<BankAnswer> CallAsync(ClaimedPayment payment, CancellationToken cancellationToken) =>
        AnswerAsync(isCall: true, async () =>
        {
            var body = new BankOrder(payment.Id, payment.Type, Contracts.Currency.Format(payment.Amount, payment.Currency), payment.Currency);
            using var request = new HttpRequestMessage(HttpMethod.Post, "transfers") { Content = JsonContent.Create(body, BankJson.Default.BankOrder) };
            request.Headers.Add("Idempotency-Key", SettlePayments.ReferenceOf(payment.Id));
            return await http.SendAsync(request, cancellationToken);
        });

    /// <summary>Asks what it has done about the payment.</summary>
    public Task<BankAnswer> AskAsync(ClaimedPayment payment, CancellationToken cancellationToken) =>
        AnswerAsync(isCall: false, () => http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"transfers/{payment.Id}"), UriKind.Relative), cancellationToken));

    private async Task<BankAnswer> AnswerAsync(bool isCall, Func<Task<HttpResponseMessage>> sendAsync)
    {
        try
        {
            using var response = await sendAsync();
            return await OfAsync(response, isCall);
        }
        catch (HttpRequestException exception)
        {
            var reason = $"the bank could not be reached ({exception.HttpRequestError})";
            return isCall && IsBeforeSending(exception.HttpRequestError) ? new BankAnswer.NotTaken(reason) : new BankAnswer.Silent(reason);
        }
        catch (TaskCanceledException)
        {
            return new BankAnswer.Silent($"the bank did not answer within {http.Timeout.TotalSeconds:0.#} s");
        }
    }

    // Nothing of the request can have left: everything else may have arrived.
    private static bool IsBeforeSending(HttpRequestError error) =>
        error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    private static async Task<BankAnswer> OfAsync(HttpResponseMessage response, bool isCall)
    {
        var status = response.StatusCode;
        if ((int)status is >= 200 and < 300) return Of(await ReadAsync(response, BankJson.Default.BankTransfer));
        if (!isCall) return status == HttpStatusCode.NotFound ? new BankAnswer.NeverSeen() : new BankAnswer.Silent($"the bank answered HTTP {(int)status} when asked");
        return status switch
        {
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests => new BankAnswer.NotTaken($"the bank answered HTTP {(int)status}"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError or < HttpStatusCode.BadRequest =>
                new BankAnswer.Silent($"the bank answered HTTP {(int)status}"),
            _ => new BankAnswer.Settled(new BankResult(false, null, await RefusalAsync(response))),
        };
    }

    private static BankAnswer Of(BankTransfer? transfer) => transfer?.Status switch
    {
        PaymentStatus.Success => new BankAnswer.Settled(new BankResult(true, Short(transfer.BankReference), null)),
        PaymentStatus.Failed => new BankAnswer.Settled(new BankResult(false, Short(transfer.BankReference), Short(transfer.ErrorMessage))),
        _ => new BankAnswer.Taken(Short(transfer?.BankReference)),
    };

    private static async Task<string> RefusalAsync(HttpResponseMessage response) =>
        Short((await ReadAsync(response, BankJson.Default.BankRefusal))?.Detail) is { } detail ? $"The bank refused it: {detail}" : $"The bank refused it with HTTP {(int)response.StatusCode}.";

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null; // Not JSON, or in an encoding that is none: its status is all that it says.
        }
    }

    // PostgreSQL takes no NUL, and nobody reads more than this.
    private static string? Short(string? text) => text?.Replace("\0", "", StringComparison.Ordinal) is { } clean ? clean[..Math.Min(clean.Length, MaxText)] : null;
}

internal sealed record BankOrder(long TransactionId, string Type, string Amount, string Currency);

internal sealed record BankTransfer(string? BankReference, string? Status, string? ErrorMessage);

internal sealed record BankRefusal(string? Error, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BankOrder))]
[JsonSerializable(typeof(BankTransfer))]
[JsonSerializable(typeof(BankRefusal))]
internal sealed partial class BankJson : JsonSerializerContext;
