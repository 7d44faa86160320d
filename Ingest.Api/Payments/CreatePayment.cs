using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Contracts;
using Data.Ledger;
using Data.Payments;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Payments;

/// <summary>
/// <c>POST /api/v1/deposits</c> and <c>/withdrawals</c>: inserts a payment and, for a withdrawal, a hold; then sends a record to the worker. 202: the payment
/// will be carried out, or refused by the bank; <c>GET</c> on its Location shows its status.
/// </summary>
internal static class CreatePayment
{
    private const string BeforePayment = "before_payment";

    public static void MapCreatePayment(this RouteGroupBuilder group, string path, string type, string summary, string description) => group
        .MapPost(path, (HttpContext context, IdempotentRequests requests, PublishPayment records, CancellationToken cancellationToken) =>
            HandleAsync(type, $"/api/v1{path}", context, requests, records, cancellationToken))
        .TakesIdempotencyKey(isRequired: true)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName(type == PaymentType.Deposit ? "createDeposit" : "createWithdrawal")
        .WithSummary(summary)
        .WithDescription(description)
        .Accepts<PaymentBody>("application/json")
        .WithRequestExample("""{"amount":250.00,"currency":"USD","description":"Rent"}""")
        .Produces<PaymentReply>(StatusCodes.Status202Accepted)
        .Answers(StatusCodes.Status202Accepted, "It is stored and will be carried out. Location says where to look; Idempotency-Replayed: true that it was "
            + "answered before.")
        .WithResponseExample(StatusCodes.Status202Accepted, PaymentReply.ExampleOf(type, PaymentStatus.Pending))
        .Sends(StatusCodes.Status202Accepted, ResponseHeaders.Location)
        .Fails(type == PaymentType.Deposit ? IdempotencyHeader.Missing : InsufficientBalance(40, 60, Currency.Find("USD")!),
            type == PaymentType.Deposit
                ? "The body cannot be read, or the Idempotency-Key is missing or malformed."
                : "The body cannot be read, the Idempotency-Key is missing or malformed, or (insufficient_balance) available funds do not cover it.")
        .Fails(IdempotentRequest.InFlight, "A request with this Idempotency-Key is still being worked on; send it again in a moment.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(Problem.Invalid("amount", "amount must be greater than 0"),
            "A member is not acceptable, and errors names it; the Idempotency-Key was used with another body; or (balance_limit_exceeded) the deposit would "
                + "bring the balance above 10^18.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database cannot answer, or too many requests are at work; try again after Retry-After seconds "
            + "with the same key. outcome_unknown: it may have been stored.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        string type, string path, HttpContext context, IdempotentRequests requests, PublishPayment records, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, """{"amount":250.00}""", cancellationToken);
        if (members is null) return problem!;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: true, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;

        var user = Caller.Of(context).UserId;
        if (await InsertPayment.FindAccountAsync(request.Connection, user, cancellationToken) is not { } account) return NoAccount;
        (var wanted, problem) = PaymentRequest.Read(members, account.Currency);
        if (wanted is null) return problem!;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        var (payment, refusal) = await InsertAsync(request, user, type, account, wanted, cancellationToken);
        var reply = payment is null
            ? Reply.Refused(refusal!, context)
            : Reply.Done(StatusCodes.Status202Accepted, payment.ToUtf8Json(), $"{path}/{payment.Id}");
        await request.StoreAndCommitAsync(reply);
        if (payment is not null) records.Publish(payment);
        return reply;
    }

    /// <summary>The payment; or why it is refused, and then nothing of it is left in the transaction.</summary>
    private static async Task<(PaymentReply? Payment, Problem? Refusal)> InsertAsync(
        IdempotentRequest request, long user, string type, PayerAccount account, PaymentRequest wanted, CancellationToken cancellationToken)
    {
        if (type == PaymentType.Deposit && account.Balance + wanted.Amount > Money.MaxBalance) return (null, BalanceLimit);
        if (type == PaymentType.Withdrawal) await request.Transaction.SaveAsync(BeforePayment, cancellationToken);
        var (payment, available) = await InsertPayment.RunAsync(request.Connection, user, type, account.Currency, wanted, cancellationToken);
        if (payment is not null) return (payment, null);
        await request.Transaction.RollbackAsync(BeforePayment, cancellationToken);
        return (null, InsufficientBalance(available, wanted.Amount, account.Currency));
    }

    private static Problem NoAccount => new(
        StatusCodes.Status403Forbidden, "no_account", "This credential belongs to no user, so there is no account to move money on. Use a user's API key or "
            + "a token from /api/v1/auth/login.");

    private static Problem BalanceLimit => new(
        StatusCodes.Status422UnprocessableEntity, "balance_limit_exceeded",
        "This deposit would bring the balance above 1,000,000,000,000,000,000, the most that an account may hold. Deposit less, or withdraw first.");

    private static Problem InsufficientBalance(decimal available, decimal required, Currency currency) => new(
        StatusCodes.Status400BadRequest, "insufficient_balance",
        "The available balance (the balance less what is held) does not cover this withdrawal, and nothing was held. GET /api/v1/users/{user_id}/balance "
            + "shows both.")
    {
        Available = Currency.Format(available, currency.Code),
        Required = Currency.Format(required, currency.Code),
    };
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("NewPayment")]
internal sealed record PaymentBody(
    [property: Description("Greater than 0, as a number or as a decimal string; no more decimals than the currency has.")] decimal Amount,
    [property: Description("The currency of your account, an ISO 4217 code in any case, which it is without this too.")]
    [property: RegularExpression(Contracts.Currency.AnyCasePattern)] string? Currency = null,
    [property: Description("What you want to be reminded of."), MaxLength(JsonMembers.MaxText)] string? Description = null);
