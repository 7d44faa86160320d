using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Data.Installments;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.OpenApi;

using Problem = ServiceDefaults.Problems.Problem;

namespace Ingest.Api.Installments;

/// <summary>
/// <c>POST /installments/installments/{id}/process</c>: charges an installment now, whenever it falls due. The order's rows are locked, so of many calls at
/// once, and of a call and the worker, one makes the charge; the others are told that it is under way.
/// </summary>
internal static class ProcessInstallment
{
    private const string AnyId = "019a6f50-3333-7c3d-9e4f-0a1b2c3d4e5f";
    private const string Message = "Installment payment processing started";

    public static void MapProcessInstallment(this RouteGroupBuilder group) => group.MapPost("/installments/{id}/process", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("processInstallment")
        .WithSummary("Charges an installment now")
        .WithDescription(
            "Before its date or between two attempts; it counts as an attempt: a failure is tried again as dunning says, if an attempt is left. "
            + "What the wallet pays is paid in the answer; a card's outcome comes later.")
        .WithPathUuid("id", AnyId)
        .Produces<ProcessedInstallmentReply>()
        .Answers(StatusCodes.Status200OK, "The installment as it is now: processing while a card is asked, otherwise paid, overdue or failed.")
        .WithResponseExample(StatusCodes.Status200OK, $$"""{"message":"{{Message}}","installment":{{InstallmentReply.Example}}}""")
        .FailsAsWrites()
        .Fails(NotOpen(InstallmentStatus.Processing), "The installment or its order is not in a state to be charged, and detail names it; or the "
            + "Idempotency-Key was used for another body.")
        .Fails(NoInstallment(AnyId), "There is no such installment.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        [Description("The installment's id.")] string id, HttpContext context, IdempotentRequests requests, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var installmentId)) return NoInstallment(id);
        var (members, problem) = await JsonMembers.ReadOptionalAsync(context.Request, cancellationToken);
        if (members is null) return problem!;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        if (await OrderRows.LockOfAsync(request.Connection, installmentId, cancellationToken) is not { } order) return NoInstallment(id);
        var installment = order[installmentId];
        var refusal = RefusalOf(order, installment);
        if (refusal is null)
        {
            var chargeId = Guid.CreateVersion7(clock.GetUtcNow());
            await ChargeInstallment.RunAsync(request.Connection, order, installment, chargeId, Activity.Current?.Id, cancellationToken);
        }

        var reply = refusal is null ? ToReply(installment, order.Order.Currency) : Reply.Refused(refusal, context);
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    private static Reply ToReply(Installment installment, string currency) => Reply.Done(
        StatusCodes.Status200OK,
        JsonSerializer.SerializeToUtf8Bytes(
            new ProcessedInstallmentReply(Message, InstallmentReply.Of(installment, currency)), InstallmentsJson.Wire.ProcessedInstallmentReply));

    private static Problem? RefusalOf(LockedOrder order, Installment installment) =>
        order.IsChargeable(installment) ? null
        : installment.Status is InstallmentStatus.Pending ? new(StatusCodes.Status422UnprocessableEntity, "order_state",
            $"Its order is {order.Order.Status}, and only an active order's installments are charged: POST /installments/orders/{order.Order.Id}/activate.")
        : NotOpen(installment.Status);

    private static Problem NotOpen(string status) => new(
        StatusCodes.Status422UnprocessableEntity, "installment_state", status switch
        {
            InstallmentStatus.Processing => "The installment is processing: a charge of it is under way. Nothing was changed.",
            InstallmentStatus.Paid => "The installment is paid. Nothing was changed.",
            _ => $"The installment is {status}, and only a pending or an overdue one is charged. Nothing was changed.",
        });

    private static Problem NoInstallment(string id) => Problem.NotFound(
        Guid.TryParseExact(id, "D", out _)
            ? $"There is no installment {id}. GET /installments/orders shows each order with its installments."
            : "That is not an installment's id: one is a UUID.");
}

/// <summary>The answer to a charge that was asked for.</summary>
[DisplayName("ProcessedInstallment")]
internal sealed record ProcessedInstallmentReply(
    [property: Description("For people.")] string Message, [property: Description("As it is now.")] InstallmentReply Installment);
