using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Sandbox.Callbacks;
using Sandbox.Signing;

namespace Sandbox.Bank;

/// <summary><c>POST /webhooks/bank-callback</c>, signed, until it is answered or given up (<see cref="PostUntilAnswered"/>).</summary>
internal sealed class SendCallback(PostUntilAnswered post, IOptions<BankOptions> options)
{
    public const string Path = "/webhooks/bank-callback";

    /// <param name="transfer">The transfer to report.</param>
    /// <param name="isContradicted">True to report the opposite of the recorded result.</param>
    /// <param name="cancellationToken">The process stops.</param>
    public Task SendAsync(Transfer transfer, bool isContradicted, CancellationToken cancellationToken)
    {
        var url = PostUntilAnswered.UrlOf(transfer.Request.CallbackUrl ?? options.Value.CallbackUrl!, Path);
        var body = BodyOf(transfer, isContradicted);
        return post.SendAsync($"transfer {transfer.Request.TransactionId}", Request, cancellationToken);

        HttpRequestMessage Request() => new(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
    }

    private byte[] BodyOf(Transfer transfer, bool isContradicted)
    {
        var isSuccess = transfer.Result == Transfer.Success != isContradicted;
        var error = isSuccess ? null : transfer.ResultMessage ?? "The bank contradicts itself: this is the play bank's contradicting_callback.";
        var callback = new Callback(transfer.Request.TransactionId, transfer.BankReference, isSuccess ? Transfer.Success : Transfer.Failed, error);
        return SignedPayload.Of(JsonSerializer.SerializeToUtf8Bytes(callback, CallbackJson.Default.Callback), options.Value.Secret)!;
    }
}

/// <summary>A callback, without its signature.</summary>
internal sealed record Callback(long TransactionId, string BankReference, string Status, string? ErrorMessage);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Callback))]
internal sealed partial class CallbackJson : JsonSerializerContext;
