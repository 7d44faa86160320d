using System.Text.Json.Nodes;
using ServiceDefaults.Problems;

namespace Ingest.Api.Transactions;

/// <summary>The OpenAPI side of <see cref="AcceptTransaction"/>: the shapes that its hand-written reading and writing leave unsaid.</summary>
internal static class AcceptTransactionDocs
{
    private const string Example =
        """{"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456","amount":1500,"currency":"INR"}""";

    /// <summary>The body as the documentation shows it.</summary>
    /// <param name="TransactionId">1-128 characters of A-Z a-z 0-9 . _ : ~ @ -</param>
    /// <param name="SourceAccount">An id as above.</param>
    /// <param name="DestinationAccount">An id as above.</param>
    /// <param name="Amount">Greater than 0, as a number or a decimal string; no more decimals than the currency has.</param>
    /// <param name="Currency">An active ISO 4217 code, in any case.</param>
    internal sealed record TransactionRequest(string TransactionId, string SourceAccount, string DestinationAccount, decimal Amount, string Currency);

    /// <summary>The answer.</summary>
    /// <param name="Status"><c>accepted</c>.</param>
    /// <param name="TransactionId">The sender's id.</param>
    /// <param name="Duplicate">True when the same transaction was accepted before.</param>
    internal sealed record AcceptedReply(string Status, string TransactionId, bool Duplicate);

    public static RouteHandlerBuilder WithTransactionDocs(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("AcceptTransaction").WithTags("Transactions")
        .WithSummary("Takes a transaction webhook in")
        .WithDescription("Answers 202 once the transaction is stored. The same transaction again is a duplicate and changes nothing; the same id with other content is a 409.")
        .Accepts<TransactionRequest>("application/json")
        .Produces<AcceptedReply>(StatusCodes.Status202Accepted)
        .Produces<ProblemBody>(400, Problem.ContentType).Produces<ProblemBody>(401, Problem.ContentType)
        .Produces<ProblemBody>(409, Problem.ContentType).Produces<ProblemBody>(413, Problem.ContentType)
        .Produces<ProblemBody>(415, Problem.ContentType).Produces<ProblemBody>(422, Problem.ContentType)
        .Produces<ProblemBody>(503, Problem.ContentType)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.RequestBody?.Content?["application/json"] is { } body) body.Example = JsonNode.Parse(Example);
            return Task.CompletedTask;
        });
}
