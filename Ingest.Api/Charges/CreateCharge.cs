using System.Diagnostics;
using System.Text.Json;
using Data.Charges;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.OpenApi;

using Problem = ServiceDefaults.Problems.Problem;

namespace Ingest.Api.Charges;

/// <summary>
/// <c>POST /charges</c>: makes the charge in one transaction; where a card pays a part, sends a record to the worker and waits up to 2 s for Stripe's answer. A
/// charge that is answered <c>pending</c> goes on without the caller.
/// </summary>
internal static class CreateCharge
{
    public static void MapCreateCharge(this RouteGroupBuilder group) => group.MapPost("", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("createCharge")
        .WithSummary("Charges a customer: the wallet first, then a card")
        .WithDescription(
            "The wallet pays what it can, the card the rest. A decline gives the wallet's part back, and the answer is a charge that failed. When the card's "
            + "outcome is not known within 2 s the charge is pending; GET /charges/{id} shows how it ended.")
        .Accepts<ChargeBody>("application/json")
        .WithRequestExample("""{"customer_id":"cust_42","amount":130.00,"currency":"USD","stripe_payment_method":"pm_card_visa"}""")
        .Produces<ChargeReply>()
        .Answers(StatusCodes.Status200OK, "The charge: succeeded, failed, or still pending. Idempotency-Replayed: true that this was answered before.")
        .WithResponseExample(StatusCodes.Status200OK, ChargeReply.Example)
        .FailsAsWrites();

    private static async Task<Results<Reply, Problem>> HandleAsync(
        HttpContext context, IdempotentRequests requests, ChargeOutcomes outcomes, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadAsync(
            context.Request, """{"customer_id":"cust_42","amount":130.00,"stripe_payment_method":"pm_card_visa"}""", cancellationToken);
        if (members is null) return problem!;
        (var charge, problem) = ChargeRequest.Read(members, Guid.CreateVersion7(clock.GetUtcNow()), Activity.Current?.Id);
        if (charge is null) return problem!;
        var (reply, started, claim) = await StartAsync(context, members, charge, requests, cancellationToken);
        if (reply is Problem refusal) return refusal;
        return started?.StripeRequestId is { } request
            ? await outcomes.OfChargeAsync(request, charge.CustomerId, (Reply)reply, claim, cancellationToken)
            : (Reply)reply;
    }

    /// <summary>
    /// The transaction. Its connection is given back before anybody waits for Stripe. What comes after it must not fail: the request would be tried again.
    /// </summary>
    private static async Task<(IResult Reply, StartedCharge? Started, Claim? Claim)> StartAsync(
        HttpContext context, JsonMembers members, NewCharge charge, IdempotentRequests requests, CancellationToken cancellationToken)
    {
        var (request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return (problem!, null, null);
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return (problem, null, null);
        if (earlier is not null) return (earlier, null, null);

        // From here on it is short, and a caller that hangs up in between leaves no statement to be cancelled.
        var started = await StartCharge.RunAsync(request.Connection, charge, CancellationToken.None);
        var reply = ToReply(ChargeReply.Of(started.Charge));
        await request.StoreAndCommitAsync(reply);
        return (reply, started, request.Claimed);
    }

    /// <summary>The answer that shows a charge.</summary>
    internal static Reply ToReply(ChargeReply charge) =>
        Reply.Done(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(charge, ChargeJson.Wire.ChargeReply));
}
