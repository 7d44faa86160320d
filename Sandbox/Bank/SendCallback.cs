using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Sandbox.Signing;

namespace Sandbox.Bank;

/// <summary>
/// <c>POST /webhooks/bank-callback</c>, signed. 2xx and 409 are answers; anything else is repeated after 1, 2, 4 and 8 s and then
/// given up, so that a client has to ask for the result.
/// </summary>
internal sealed partial class SendCallback(HttpClient http, IOptions<BankOptions> options, TimeProvider clock, ILogger<SendCallback> logger)
{
    public const string Path = "/webhooks/bank-callback";
    private const int Attempts = 5;

    private readonly ILogger _logger = logger;

    /// <param name="transfer">The transfer to report.</param>
    /// <param name="isContradicted">True to report the opposite of the recorded result.</param>
    /// <param name="cancellationToken">The process stops.</param>
    public async Task SendAsync(Transfer transfer, bool isContradicted, CancellationToken cancellationToken)
    {
        var id = transfer.Request.TransactionId;
        var (url, body) = (UrlOf(transfer), BodyOf(transfer, isContradicted));
        for (var attempt = 1; ; attempt++)
        {
            var answer = await PostAsync(url, body, cancellationToken);
            if (answer is >= 200 and < 300 or (int)HttpStatusCode.Conflict)
            {
                Answered(id, answer.Value);
                return;
            }

            if (attempt == Attempts)
            {
                GivenUp(id, url, attempt, answer?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "nothing");
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1 << attempt - 1), clock, cancellationToken);
        }
    }

    // Returns the HTTP status, or null without a response.
    private async Task<int?> PostAsync(Uri url, byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var response = await http.PostAsync(url, content, cancellationToken);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private byte[] BodyOf(Transfer transfer, bool isContradicted)
    {
        var isSuccess = transfer.Result == Transfer.Success != isContradicted;
        var error = isSuccess ? null : transfer.ResultMessage ?? "The bank contradicts itself: this is the play bank's contradicting_callback.";
        var callback = new Callback(transfer.Request.TransactionId, transfer.BankReference, isSuccess ? Transfer.Success : Transfer.Failed, error);
        return SignedPayload.Of(JsonSerializer.SerializeToUtf8Bytes(callback, CallbackJson.Default.Callback), options.Value.Secret)!;
    }

    // An address without a path is a base address.
    private Uri UrlOf(Transfer transfer)
    {
        var url = transfer.Request.CallbackUrl ?? options.Value.CallbackUrl!;
        return url.AbsolutePath == "/" ? new Uri(url, Path) : url;
    }

    [LoggerMessage(10, LogLevel.Debug, "Callback for transfer {TransactionId} was answered {Status}")]
    private partial void Answered(long transactionId, int status);

    [LoggerMessage(11, LogLevel.Warning,
        "Callback for transfer {TransactionId} to {Url} was given up after {Attempts} attempts; the last was answered by {Answer}")]
    private partial void GivenUp(long transactionId, Uri url, int attempts, string answer);
}

/// <summary>A callback, without its signature.</summary>
internal sealed record Callback(long TransactionId, string BankReference, string Status, string? ErrorMessage);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Callback))]
internal sealed partial class CallbackJson : JsonSerializerContext;
