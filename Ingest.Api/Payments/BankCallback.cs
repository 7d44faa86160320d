using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;
using Data.Payments;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;

namespace Ingest.Api.Payments;

/// <summary>Settings for verifying bank callbacks. The environment variable <c>WEBHOOK_SECRET</c>.</summary>
internal sealed class CallbackOptions
{
    public const string Setting = "WEBHOOK_SECRET";
    public const int MinSecretLength = 16;

    /// <summary>The value in AppHost/appsettings.json. It is public, so it is accepted in Development only.</summary>
    public const string DevelopmentSecret = "development-webhook-secret-change-me";

    /// <summary>The secret that the bank signs its callbacks with; without it every callback is answered 401.</summary>
    public string? Secret { get; set; }
}

/// <summary>
/// <c>POST /webhooks/bank-callback</c>: the bank reports the result of a payment. The signature is the only credential. Settles the payment
/// (<see cref="SettlementQueue"/>); the same result again changes nothing, the other result is refused.
/// </summary>
internal static class BankCallback
{
    private const string Example =
        """
        {"transaction_id":123,"bank_reference":"DEP-0A1B2C3D4E5F","status":"success","error_message":null,
         "signature":"7d4b0c1f3f0f5e0b1f3a9a0c4c8f1b2e6d5a7c9e8b0a1d2c3e4f5a6b7c8d9e0f"}
        """;

    public static void MapBankCallback(this WebApplication app) => app.MapPost("/webhooks/bank-callback", HandleAsync)
        .LimitedOnceVerifiedBy(RateLimitPolicy.Global)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithTags("Payments")
        .WithName("reportBankResult")
        .WithSummary("The bank reports the result of a payment")
        .WithDescription(
            "signature is the hex HMAC-SHA256, with WEBHOOK_SECRET, of the JSON of all other members as Python's json.dumps(..., "
            + "separators=(',', ':'), sort_keys=True) prints it. `dotnet run --project Sandbox -- sign` makes one.")
        .Accepts<CallbackBody>("application/json")
        .WithRequestExample(Example)
        .Answers(StatusCodes.Status200OK, "The payment is settled with this result, now or before.")
        .WithResponseExample(StatusCodes.Status200OK, """{"message":"Payment 123 is settled: success.","transaction_id":123}""")
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Fails(SignedBody.NotSigned, "The signature is missing or does not match.")
        .Fails(NoPayment(123), "There is no such payment.")
        .Fails(Contradiction(123, PaymentStatus.Failed), "already_settled: the payment was settled with the other result, which stays. "
            + "balance_out_of_range: the ledger cannot store so large a balance; the payment is failed, and the money has to be returned.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(Problem.Invalid("status", "status must be success or failed"), "A member is missing or not acceptable; errors names each.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database cannot answer; call again after Retry-After seconds. A callback that was carried out "
            + "nevertheless is then answered 200.");

    private static async Task<Results<Ok<CallbackReply>, Problem>> HandleAsync(
        HttpContext context, IOptions<CallbackOptions> options, AuthFailures failures, SettlementQueue queue, CancellationToken cancellationToken)
    {
        var (text, isVerified, problem) = await SignedBody.ReadAsync(context.Request, options.Value.Secret, cancellationToken);
        if (!isVerified) return await failures.AnswerAsync(context, problem!);
        if (await context.CheckLimitsAsync() is { } limited) return limited;
        if (problem is not null) return problem;
        (var paymentId, var result, problem) = CallbackText.Read(text.Span);
        if (result is null) return problem!;

        return await queue.SettleAsync(new(paymentId, result), cancellationToken) switch
        {
            Settlement.Settled => TypedResults.Ok(new CallbackReply($"Payment {paymentId} is settled: {result.Status}.", paymentId)),
            Settlement.AlreadySettled => TypedResults.Ok(new CallbackReply(
                $"Payment {paymentId} was settled before with the same result: {result.Status}.", paymentId)),
            Settlement.Contradicts => Contradiction(paymentId, result.Status),
            Settlement.OutOfRange => new Problem(StatusCodes.Status409Conflict, "balance_out_of_range",
                $"Payment {paymentId} would make its account's balance larger than the ledger can store, so it is settled as failed. Return the money."),
            null => Problem.Unavailable("More callbacks arrive than can be settled at the moment; this one was not. Call again shortly."),
            _ => NoPayment(paymentId),
        };
    }

    private static Problem Contradiction(long paymentId, string status) => new(StatusCodes.Status409Conflict, "already_settled",
        $"Payment {paymentId} was settled with the other result, which stays. If {status} is right, an operator has to correct it.");

    private static Problem NoPayment(long paymentId) => Problem.NotFound($"There is no payment {paymentId}.");
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("BankResult")]
internal sealed record CallbackBody(
    [property: Description("The payment's id."), Range(typeof(long), "1", "9223372036854775807")] long TransactionId,
    [property: Description("What became of it."), AllowedValues(PaymentStatus.Success, PaymentStatus.Failed)] string Status,
    [property: Description("HMAC-SHA256 of all other members, in hex."), RegularExpression("^[0-9A-Fa-f]{64}$")] string Signature,
    [property: Description("The bank's name for it."), MaxLength(StoredText.MaxLength)] string? BankReference = null,
    [property: Description("Why it failed; beyond 500 characters it is shortened.")] string? ErrorMessage = null);

/// <summary>The answer to a callback.</summary>
[DisplayName("BankResultTaken")]
internal sealed record CallbackReply(
    [property: Description("What was done.")] string Message,
    [property: Description("The payment's id.")] long TransactionId);

[JsonSerializable(typeof(CallbackReply))]
[JsonSerializable(typeof(PaymentReply))]
[JsonSerializable(typeof(PaymentBody))]
[JsonSerializable(typeof(CallbackBody))]
internal sealed partial class PaymentsJson : JsonSerializerContext;
