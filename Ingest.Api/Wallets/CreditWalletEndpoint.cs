using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Contracts;
using Data.Wallets;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Wallets;

/// <summary><c>POST /wallets/{customer_id}/credit</c>: puts money into a wallet that its operator has received elsewhere.</summary>
internal static class CreditWalletEndpoint
{
    private const string DefaultDescription = "Wallet credit";

    public static void MapCreditWallet(this RouteGroupBuilder group) => group.MapPost("/{customer_id}/credit", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("creditWallet")
        .WithSummary("Credits a wallet")
        .WithDescription("The members may be sent as a body, or as query parameters without a body.")
        .TakesQuery("amount", "Instead of the body's.", new() { Type = JsonSchemaType.String })
        .TakesQuery("description", "Instead of the body's.", new() { Type = JsonSchemaType.String, MaxLength = JsonMembers.MaxText })
        .Accepts<CreditBody>(isOptional: true, "application/json")
        .WithRequestExample("""{"amount":100.00,"description":"Gift card"}""")
        .Produces<CreditReply>()
        .Answers(StatusCodes.Status200OK, "It is in the wallet.")
        .WithResponseExample(StatusCodes.Status200OK,
            $$"""{"message":"Wallet credited successfully","new_balance":100.00,"wallet":{{WalletReply.Example}}}""")
        .FailsAsWrites()
        .Fails(NoWallet("cust_42"), "The customer has no wallet.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        [Description("The customer's id.")] string customer_id, HttpContext context, IdempotentRequests requests, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadOptionalAsync(context.Request, cancellationToken);
        if (members is null) return problem!;
        if (members.IsEmpty) members = QueryMembers.Of(context.Request.Query, "amount", "description");
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;

        var wallet = Ids.IsValid(customer_id) ? await CreditWallet.FindAsync(request.Connection, customer_id, cancellationToken) : null;
        if (wallet is null) return NoWallet(customer_id);
        var amount = members.Amount("amount", Currency.Find(wallet.Currency)!);
        var description = members.Description("description");
        if (members.Problem is { } refusal) return refusal;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var credited = await CreditWallet.RunAsync(
            request.Connection, id, wallet, amount, string.IsNullOrEmpty(description) ? DefaultDescription : description, cancellationToken);
        var reply = credited.Wallet is null ? Reply.Refused(BalanceLimit, context) : ToReply(credited.Wallet);
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    private static Reply ToReply(WalletReply wallet) => Reply.Done(
        StatusCodes.Status200OK,
        JsonSerializer.SerializeToUtf8Bytes(new("Wallet credited successfully", wallet.Balance, wallet), WalletsJson.Wire.CreditReply));

    private static Problem BalanceLimit => new(
        StatusCodes.Status422UnprocessableEntity, "balance_limit_exceeded",
        "This credit would bring the balance above 1,000,000,000,000,000,000, the most that a wallet may hold. Credit less.");

    private static Problem NoWallet(string customer) => Problem.NotFound(
        Ids.IsValid(customer) ? $"Customer {customer} has no wallet. POST /wallets creates one." : $"That is not a customer's id: one has {Ids.Allowed}.");
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("NewCredit")]
internal sealed record CreditBody(
    [property: Description("Greater than 0, as a number or as a decimal string; no more decimals than the wallet's currency has.")] decimal Amount,
    [property: Description("What the statement says of it. Without it \"Wallet credit\"."), MaxLength(JsonMembers.MaxText)] string? Description = null);

/// <summary>The answer to a credit.</summary>
[DisplayName("WalletCredit")]
internal sealed record CreditReply(
    [property: Description("Always the same.")] string Message,
    [property: Description("What is in the wallet now.")] ExactAmount NewBalance,
    [property: Description("The wallet.")] WalletReply Wallet);

/// <summary>Source-generated JSON of the answers; snake_case.</summary>
[JsonSerializable(typeof(CreditReply))]
[JsonSerializable(typeof(CreditBody))]
[JsonSerializable(typeof(CreateWalletEndpoint.WalletBody))]
internal sealed partial class WalletsJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static WalletsJson Wire { get; } = new(WireJson.Options());
}
