using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json;
using Contracts;
using Data.Charges;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Charges;

/// <summary>
/// <c>POST /charges/{id}/refunds</c>: gives money of a charge back, to each source its own part, the card first. The charge's row is locked, so refunds that
/// come at the same time never give back more than was paid.
/// </summary>
internal static class CreateRefund
{
    public static void MapCreateRefund(this RouteGroupBuilder group) => group.MapPost("/{id}/refunds", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("createRefund")
        .WithSummary("Refunds a charge, all of it or a part")
        .WithDescription(
            "Each source gets its own part back, the card first; the destinations of a split give it in proportion to what they got. Without an amount all "
            + "that is left is refunded.")
        .WithPathUuid("id", "019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f")
        .Accepts<RefundBody>(isOptional: true, "application/json")
        .WithRequestExample("""{"amount":50.00,"reason":"requested_by_customer"}""")
        .Produces<RefundReply>()
        .Answers(StatusCodes.Status200OK, "The refund: succeeded, failed, or pending while Stripe is asked.")
        .WithResponseExample(StatusCodes.Status200OK, RefundReply.Example)
        .FailsAsWrites()
        .Fails(NoCharge("019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"), "There is no such charge.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        [Description("The charge's id.")] string id, HttpContext context, IdempotentRequests requests, ChargeOutcomes outcomes, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var chargeId)) return NoCharge(id);
        var (members, problem) = await JsonMembers.ReadOptionalAsync(context.Request, cancellationToken);
        if (members is null) return problem!;
        var refund = new NewRefund(Guid.CreateVersion7(clock.GetUtcNow()), chargeId, null, members.Description("reason"), Activity.Current?.Id);
        var (reply, pendingFor, claim) = await StartAsync(context, members, refund, requests, cancellationToken);
        if (reply is Problem refusal) return refusal;
        return pendingFor is not null
            ? await outcomes.OfRefundAsync(refund.Id, pendingFor, (Reply)reply, claim, cancellationToken)
            : (Reply)reply;
    }

    /// <summary>The transaction; of a refund that is pending, whose it is.</summary>
    private static async Task<(IResult Reply, string? PendingFor, Claim? Claim)> StartAsync(
        HttpContext context, JsonMembers members, NewRefund refund, IdempotentRequests requests, CancellationToken cancellationToken)
    {
        var (request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return (problem!, null, null);
        await using var rollback = request;
        if (await StartRefund.LockAsync(request.Connection, refund.ChargeId, cancellationToken) is not { } charge)
            return (NoCharge($"{refund.ChargeId}"), null, null);
        var amount = members.OptionalAmount("amount", charge.Currency);
        if (members.Problem is { } invalid) return (invalid, null, null);
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return (problem, null, null);
        if (earlier is not null) return (earlier, null, null);

        var started = await StartRefund.RunAsync(request.Connection, charge, refund with { Amount = amount }, cancellationToken);

        // A refusal is remembered: the first of two sendings may arrive last, when the charge is paid, and its caller was told that nothing was refunded.
        var reply = started.Refund is null
            ? Reply.Refused(Refusal(started, charge), context)
            : ToReply(RefundReply.Of(started.Refund, charge.Currency.Code));
        await request.StoreAndCommitAsync(reply);
        return (reply, started.Refund?.Status == RefundStatus.Pending ? charge.CustomerId : null, request.Claimed);
    }

    /// <summary>The answer that shows a refund.</summary>
    internal static Reply ToReply(RefundReply refund) =>
        Reply.Done(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(refund, ChargeJson.Wire.RefundReply));

    private static Problem NoCharge(string id) => Problem.NotFound(
        Guid.TryParseExact(id, "D", out _) ? $"There is no charge {id}. GET /charges lists those there are." : "That is not a charge's id: one is a UUID.");

    private static Problem Refusal(StartedRefund refused, RefundableCharge charge)
    {
        var left = $"{Currency.Format(refused.Left, charge.Currency.Code)} {charge.Currency.Code}";
        return refused.Refusal switch
        {
            RefundRefusal.NotPaid => new(StatusCodes.Status422UnprocessableEntity, "charge_not_refundable",
                $"The charge is {charge.Status}, and only one that succeeded can be refunded."),
            RefundRefusal.TooMuch when refused.Left == 0 => new(StatusCodes.Status422UnprocessableEntity, "charge_already_refunded",
                "All of this charge is refunded, or about to be. GET /charges/{id}/refunds shows its refunds."),
            RefundRefusal.TooMuch => Problem.Invalid("amount", $"amount must be at most {left}, which is left of this charge"),
            RefundRefusal.NotChargeable => Problem.Invalid("amount",
                $"amount has a part for the card that Stripe cannot refund in {charge.Currency.Code}: it takes no such fraction. Refund another amount"),
            _ => new(StatusCodes.Status422UnprocessableEntity, "destination_not_covered",
                "A destination of this charge's split no longer has its part of the money. Nothing was refunded."),
        };
    }
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("NewRefund")]
internal sealed record RefundBody(
    [property: Description("At most what is left; without it all of that.")] decimal? Amount = null,
    [property: Description("Why."), MaxLength(JsonMembers.MaxText)] string? Reason = null);
