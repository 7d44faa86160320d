using System.ComponentModel;
using ServiceDefaults.OpenApi;

namespace Ingest.Api.Transactions;

/// <summary>The OpenAPI side of <see cref="AcceptTransaction"/>: the shapes that its hand-written reading and writing leave unsaid.</summary>
internal static class AcceptTransactionDocs
{
    private const string Example =
        """{"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456","amount":1500,"currency":"INR"}""";

    /// <summary>The body as the documentation shows it.</summary>
    internal sealed record TransactionRequest(
        [property: Description("Your id of the transaction: 1-128 characters of A-Z a-z 0-9 . _ : ~ @ -")] string TransactionId,
        [property: Description("Where the money comes from; an id as above.")] string SourceAccount,
        [property: Description("Where the money goes; an id as above.")] string DestinationAccount,
        [property: Description("Greater than 0, as a number or as a decimal string; no more decimals than the currency has.")] decimal Amount,
        [property: Description("An active ISO 4217 code, in any case.")] string Currency);

    /// <summary>The answer.</summary>
    internal sealed record AcceptedReply(
        [property: Description("accepted")] string Status,
        [property: Description("Your id of the transaction.")] string TransactionId,
        [property: Description("True when the same transaction was accepted before.")] bool Duplicate);

    public static RouteHandlerBuilder WithTransactionDocs(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("AcceptTransaction").WithTags("Transactions")
        .WithSummary("Takes a transaction webhook in")
        .WithDescription("Answers 202 once the transaction is stored. The same transaction again is a duplicate and changes nothing; the same id with other content is a 409.")
        .Accepts<TransactionRequest>("application/json")
        .WithRequestExample(Example)
        .Produces<AcceptedReply>(StatusCodes.Status202Accepted)
        .Answers(202, "Stored, now or before (duplicate).")
        .WithResponseExample(202, """{"status":"accepted","transaction_id":"txn_abc123def456","duplicate":false}""")
        .Fails(400, "The body cannot be read as a JSON object.")
        .Fails(401, "A key or a signature is asked for, and it is missing or wrong.")
        .Fails(409, "The same transaction_id was accepted before with other content, which stays.")
        .Fails(413, "The body is larger than 16 KiB.")
        .Fails(415, "The body is not application/json in UTF-8.")
        .Fails(422, "A member is missing, of the wrong type or not allowed; errors names each.")
        .Fails(503, "It cannot be stored at the moment; Retry-After says when to send it again.");
}
