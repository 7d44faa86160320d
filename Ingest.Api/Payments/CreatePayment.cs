using Data.Payments;
using Ingest.Api.Idempotency;
using Ingest.Api.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Payments;

/// <summary>
/// <c>POST /api/v1/deposits</c> and <c>/withdrawals</c>: a row, for a withdrawal a hold, and a record for the worker. 202: it will be carried out,
/// or refused by the bank; where it stands, <c>GET</c> on its Location says.
/// </summary>
internal static class CreatePayment
{
    private const string BeforePayment = "before_payment";

    public static void MapCreatePayment(this RouteGroupBuilder group, IServiceProvider services, string path, string type, string summary, string description) => group
        .MapPost(path, (HttpContext context, PublishPayment records, CancellationToken cancellationToken) => HandleAsync(type, $"/api/v1{path}", context, records, cancellationToken))
        .Idempotent(services)
        .WithMetadata(new RequestSizeLimitAttribute(JsonBody.MaxBytes))
        .WithName($"create_{type}")
        .WithSummary(summary)
        .WithDescription(description)
        .Accepts<PaymentBody>("application/json")
        .WithRequestExample("""{"amount":250.00,"currency":"USD","description":"Rent"}""")
        .Produces<PaymentReply>(StatusCodes.Status202Accepted)
        .Answers(StatusCodes.Status202Accepted, "It is stored and will be carried out. Location says where to look; Idempotency-Replayed: true, that it was answered before.")
        .WithResponseExample(StatusCodes.Status202Accepted, PaymentReply.Example)
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read, the Idempotency-Key is missing or malformed, or (insufficient_balance) available funds do not cover a withdrawal.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(StatusCodes.Status422UnprocessableEntity, "A member is not acceptable, and errors names it; or the Idempotency-Key was used with another body.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database is away, and nothing was stored; try again after Retry-After seconds with the same key.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        string type, string path, HttpContext context, PublishPayment records, CancellationToken cancellationToken)
    {
        var business = BusinessTransaction.Of(context);
        var user = Caller.Of(context).UserId;
        if (await InsertPayment.CurrencyOfAsync(business.Connection, user, cancellationToken) is not { } currency) return NoAccount;
        var (request, problem) = await PaymentRequest.ReadAsync(context.Request, currency, cancellationToken);
        if (request is null) return problem!;

        if (type == PaymentType.Withdrawal) await business.Transaction.SaveAsync(BeforePayment, cancellationToken);
        if (await InsertPayment.RunAsync(business.Connection, user, type, currency, request, cancellationToken) is not { } payment)
        {
            await business.Transaction.RollbackAsync(BeforePayment, cancellationToken);
            return Reply.Refused(InsufficientBalance, context);
        }

        business.AfterCommit(() => records.Publish(payment));
        return Reply.Accepted(payment.ToUtf8Json(), $"{path}/{payment.Id}");
    }

    private static Problem NoAccount => new(
        StatusCodes.Status403Forbidden, "no_account", "This credential belongs to no user, so there is no account to move money on. Use a user's API key or a token from /api/v1/auth/login.");

    private static Problem InsufficientBalance => new(
        StatusCodes.Status400BadRequest, "insufficient_balance",
        "What is available on the account (its balance less what is held) does not cover this withdrawal, and nothing was held. GET /api/v1/users/{user_id}/balance shows both.");
}

/// <summary>The body as the documentation shows it.</summary>
internal sealed record PaymentBody(decimal Amount, string? Currency, string? Description);
