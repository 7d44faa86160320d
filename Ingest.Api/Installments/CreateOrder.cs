using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Contracts;
using Data.Installments;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Installments;

/// <summary><c>POST /installments/orders</c>: an amount that a customer pays in parts. The worker charges each when it falls due.</summary>
internal static class CreateOrder
{
    private const string Example = """{"customer_id":"cust_42","amount":90.00,"currency":"USD","installment_count":3,"stripe_payment_method":"pm_card_visa"}""";

    public static void MapCreateOrder(this RouteGroupBuilder group) => group.MapPost("/orders", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("createInstallmentOrder")
        .WithSummary("An amount that is paid in parts")
        .WithDescription(
            "Give installment_count for equal parts, of which the first ones take the remainder, or a schedule of your own. Each part is charged when its date "
            + "begins in time_zone: the wallet first, then the card. A soft failure is tried again after some days (dunning), a hard decline is not.")
        .Accepts<OrderBody>("application/json")
        .WithRequestExample(Example)
        .Produces<OrderReply>()
        .Answers(StatusCodes.Status200OK, "The order with its installments. Idempotency-Replayed: true that this was answered before.")
        .WithResponseExample(StatusCodes.Status200OK, OrderReply.Example)
        .FailsAsWrites();

    private static async Task<Results<Reply, Problem>> HandleAsync(
        HttpContext context, IdempotentRequests requests, IOptions<InstallmentOptions> options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, Example, cancellationToken);
        if (members is null) return problem!;
        (var wanted, problem) = OrderRequest.Read(members);
        if (wanted is null) return problem!;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        var order = await InsertOrder.RunAsync(
            request.Connection, wanted, options.Value.DunningDays, () => Guid.CreateVersion7(clock.GetUtcNow()), cancellationToken);
        var reply = Reply.Done(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(order, InstallmentJson.Wire.OrderReply));
        await request.StoreAndCommitAsync(reply);
        return reply;
    }
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("NewInstallmentOrder")]
internal sealed record OrderBody(
    [property: Description("The customer's id, yours."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string CustomerId,
    [property: Description("The sum of all installments, greater than 0, as a number or as a decimal string.")] decimal Amount,
    [property: Description("An active ISO 4217 code, in any case. Without it USD."), RegularExpression(Contracts.Currency.AnyCasePattern)]
    string? Currency = null,
    [property: Description("How many equal parts. This or schedule."), Range(1, InstallmentPlan.MaxCount)] int? InstallmentCount = null,
    [property: Description("The amount of each: times installment_count it must be the amount. Without it the remainder goes to the first ones.")]
    decimal? InstallmentAmount = null,
    [property: Description("From one part to the next. Without it month."), AllowedValues(DueInterval.Month, DueInterval.Week, DueInterval.Day)]
    string? Interval = null,
    [property: Description("A date, or a time whose date in time_zone counts. Without it a month from now.")] string? FirstDueDate = null,
    [property: Description("The IANA time zone in which due dates begin. Without it UTC."), MaxLength(DueDates.MaxZoneLength)] string? TimeZone = null,
    [property: Description("false: nothing is charged before POST .../activate.")] bool? Activate = null,
    [property: Description("Parts of your own, in the order of their dates, which sum to the amount. This or installment_count.")]
    [property: MinLength(1), MaxLength(InstallmentPlan.MaxCount)] IReadOnlyList<ScheduleBody>? Schedule = null,
    [property: Description("Days after each soft failure until the next attempt, 0 to 90. Without it 1, 3 and 5, or what the operator has set.")]
    [property: MaxLength(Dunning.MaxRetries)] IReadOnlyList<int>? Dunning = null,
    [property: Description("Stripe's payment method for what the wallet does not cover."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)]
    string? StripePaymentMethod = null,
    [property: Description("Stripe's customer; alone, its default payment method serves."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)]
    string? StripeCustomer = null,
    [property: Description("Who gets what of the amount, as for a charge; each installment is split in proportion.")] KeptJson? SplitInstructions = null,
    [property: Description("Your own data, an object of at most 16 KiB; every charge has it.")] JsonObject? Metadata = null);

/// <summary>One part of <c>schedule</c>.</summary>
[DisplayName("NewInstallment")]
internal sealed record ScheduleBody(
    [property: Description("A date, or a time whose date in time_zone counts.")] string DueDate,
    [property: Description("Greater than 0, as a number or as a decimal string.")] decimal Amount);
