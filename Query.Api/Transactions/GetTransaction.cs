using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using Contracts;
using Data.Transactions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Query.Api.Database;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.Requests;

namespace Query.Api.Transactions;

/// <summary><c>GET /v1/transactions/{transaction_id}</c>: an array of one, or 404.</summary>
internal static class GetTransaction
{
    private const string Folder = TransactionsFeature.Path + "/", Name = "getTransaction";

    /// <summary>Reads of one transaction by its plain path leave the pipeline first.</summary>
    public static FirstEndpoint First { get; } = new(
        Name,
        request => HttpMethods.IsGet(request.Method) && HasId(request.Path.Value!),
        services =>
        {
            var transactions = services.GetRequiredService<TransactionLookup>();
            return async context => await HandleAsync(context.Request.Path.Value![Folder.Length..], transactions);
        })
    { Through = way => way.UseMiddleware<RetryReads>() };

    public static void MapGetTransaction(this RouteGroupBuilder group)
    {
        group.MapGet("/{transaction_id}", HandleAsync)
            .WithName(Name)
            .WithSummary("One transaction")
            .WithDescription("Where a transaction stands. The answer is an array of one.")
            .WithPath("transaction_id", new() { Type = JsonSchemaType.String, MaxLength = Ids.MaxLength, Pattern = Ids.Pattern }, "txn_abc123def456")
            .Answers(StatusCodes.Status200OK, "The transaction, in an array of one.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{TransactionReply.Example}]")
            .Fails(StatusCodes.Status401Unauthorized, "An API key is required here, and none or an unknown one came.")
            .Fails(NotThere("txn_abc123def456"), "There is no such transaction.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is away; try again after Retry-After seconds.");
    }

    private static bool HasId(string path) =>
        path.Length > Folder.Length && path.StartsWith(Folder, StringComparison.Ordinal) && !path.AsSpan(Folder.Length).Contains('/');

    private static async Task<Results<FoundTransaction, Problem>> HandleAsync(
        [FromRoute(Name = "transaction_id"), Description("The sender's id.")] string transactionId,
        TransactionLookup transactions)
    {
        // What cannot be an id cannot be there; PostgreSQL need not see it (it would refuse a NUL with an error).
        if (!Ids.IsValid(transactionId)) return Problem.NotFound($"That is not a transaction_id: one has {Ids.Allowed}.");

        if (transactions.TryFindAsync(transactionId) is not { } found) return Problem.Unavailable("More requests arrive than can be answered at the moment. "
            + "Ask again shortly.");
        return await found is { } transaction
            ? new FoundTransaction(transaction)
            : NotThere(transactionId);
    }

    private static Problem NotThere(string transactionId) =>
        Problem.NotFound($"There is no transaction {transactionId}. One that was answered with 202 is visible at once, so check the id.");
}

/// <summary>
/// 200 with an array of one and a Content-Length. A body that is written piece by piece goes out in chunks, and a client knows only at the last
/// chunk that it has everything.
/// </summary>
internal sealed class FoundTransaction(TransactionReply transaction) : IResult, IEndpointMetadataProvider
{
    private const string Json = "application/json";

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(TransactionReply[]), [Json]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes([transaction], TransactionJson.Wire.TransactionReplyArray);
        httpContext.Response.ContentType = $"{Json}; charset=utf-8";
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.BodyWriter.WriteAsync(body, httpContext.RequestAborted);
    }
}
