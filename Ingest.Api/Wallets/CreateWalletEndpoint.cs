using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Contracts;
using Data.Wallets;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Wallets;

/// <summary><c>POST /wallets</c>: creates a customer's wallet, with nothing in it. A customer has one.</summary>
internal static class CreateWalletEndpoint
{
    /// <summary>The currency of what names none.</summary>
    public static readonly Currency DefaultCurrency = Currency.Find("USD")!;

    public static void MapCreateWallet(this RouteGroupBuilder group) => group.MapPost("", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("createWallet")
        .WithSummary("Creates a customer's wallet")
        .WithDescription("A wallet is an account of the ledger in one currency. A customer has one.")
        .Accepts<WalletBody>("application/json")
        .WithRequestExample("""{"customer_id":"cust_42","currency":"USD"}""")
        .Produces<WalletReply>()
        .Answers(StatusCodes.Status200OK, "The wallet, empty.")
        .WithResponseExample(StatusCodes.Status200OK, WalletReply.Example)
        .FailsAsWrites()
        .Fails(AlreadyThere("cust_42"), "The customer has a wallet already; or a request with this Idempotency-Key is still being worked on.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        HttpContext context, IdempotentRequests requests, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, """{"customer_id":"cust_42"}""", cancellationToken);
        if (members is null) return problem!;
        var customer = members.Id("customer_id");
        var currency = members.Currency("currency", DefaultCurrency);
        if (members.Problem is { } refusal) return refusal;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var wallet = await CreateWallet.RunAsync(request.Connection, id, customer!, currency!.Code, cancellationToken);
        if (wallet is null) return AlreadyThere(customer!);
        var reply = Reply.Done(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(wallet, WalletJson.Wire.WalletReply));
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    private static Problem AlreadyThere(string customer) => new(StatusCodes.Status409Conflict, "already_exists",
        $"Customer {customer} has a wallet already, and nothing was changed. GET /wallets/{customer} shows it.");

    /// <summary>The body as the documentation shows it.</summary>
    [DisplayName("NewWallet")]
    internal sealed record WalletBody(
        [property: Description("The customer's id, yours."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string CustomerId,
        [property: Description("An active ISO 4217 code, in any case. Without it USD."), RegularExpression(Contracts.Currency.AnyCasePattern)]
        string? Currency = null);
}
