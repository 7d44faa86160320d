using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.IO.Pipelines;
using System.Text;
using Contracts;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;
using ServiceDefaults.Requests;

namespace Ingest.Api.Transactions;

/// <summary>
/// <c>POST /v1/webhooks/transactions</c>: reads, checks, enqueues for the next commit, and answers when that is done. The 202
/// waits for PostgreSQL's commit and not for Kafka: the row is its own outbox.
/// </summary>
internal sealed class AcceptTransaction(SignatureCheck signature, AuthFailures failures, CommitQueue queue, AcceptMetrics metrics)
{
    private const string Path = "/v1/webhooks/transactions", Name = "acceptTransaction";

    private const int MaxBodyBytes = 16 * 1024;

    private const string Example =
        """{"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456","amount":1500,"currency":"INR"}""";

    /// <summary>Webhooks by the address that senders are given leave the pipeline first.</summary>
    public static FirstEndpoint First { get; } = new(
        Name, request => request.Path.Value == Path && HttpMethods.IsPost(request.Method),
        services => services.GetRequiredService<AcceptTransaction>().HandleAsync)
    { IsProtectedOtherwise = true };

    public static void Map(WebApplication app) => app
        .MapPost(Path, (HttpContext context, AcceptTransaction accept) => accept.HandleAsync(context))
        .RequireApiKey(app.Services, areProtectedOtherwise: true)
        .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
        .WithName(Name).WithTags("Transactions").MayNeedKey()
        .WithSummary("Takes a transaction webhook in")
        .WithDescription("Answers 202 once the transaction is stored. The same transaction again is a duplicate and changes nothing; the same id with other "
            + "content is a 409.")
        .TakesSignature()
        .Accepts<TransactionRequest>("application/json")
        .WithRequestExample(Example)
        .Produces<AcceptedReply>(StatusCodes.Status202Accepted)
        .Answers(202, "Stored, now or before (duplicate).")
        .WithResponseExample(202, """{"status":"accepted","transaction_id":"txn_abc123def456","duplicate":false}""")
        .Fails(400, "The body cannot be read as a JSON object.")
        .Fails(401, "A key or a signature is asked for, and it is missing or wrong.")
        .Fails(Conflict("txn_abc123def456"), "The same transaction_id was accepted before with other content, which stays.")
        .Fails(413, "The body is larger than 16 KiB.")
        .Fails(415, "The body is not application/json in UTF-8.")
        .Fails(Problem.Invalid("amount", "amount must be greater than 0"),
            "A member is missing, of the wrong type or not allowed; errors names each.")
        .Fails(CommitQueue.DatabaseAway, "It cannot be stored at the moment; Retry-After says when to send it again.");

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        if (!AnnouncedContent.IsJson(context.Request)) return Refuse(Problem.UnsupportedMediaType());

        var body = await ReadBodyAsync(context.Request.BodyReader, context.RequestAborted);
        var (content, problem) = Check(context.Request, body);
        context.Request.BodyReader.AdvanceTo(body.End);
        if (problem is { Status: StatusCodes.Status401Unauthorized }) problem = await failures.AnswerAsync(context, problem);
        if (content is null) return Refuse(problem!);

        if (queue.TryEnqueue(content) is not { } committed) return Refuse(queue.Refusal);
        var outcome = await committed;
        metrics.Answered(outcome);
        return Answer(content.TransactionId, outcome);
    }

    private IResult Refuse(Problem problem)
    {
        metrics.Refused(problem.Error);
        return problem;
    }

    /// <summary>The whole body. Kestrel holds it to <see cref="MaxBodyBytes"/>, however it is sent, and throws its 413.</summary>
    private static async ValueTask<ReadOnlySequence<byte>> ReadBodyAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.IsCompleted) return read.Buffer;
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private (TransactionContent?, Problem?) Check(HttpRequest request, in ReadOnlySequence<byte> body)
    {
        var bytes = body.IsSingleSegment ? body.FirstSpan : body.ToArray();
        if (signature.IsRequired && signature.Refuse(request.Headers, bytes) is { } refusal) return (null, refusal);

        return TransactionJson.Read(bytes);
    }

    private static IResult Answer(string transactionId, AcceptOutcome outcome) => outcome switch
    {
        AcceptOutcome.Accepted => new AcceptedResult(transactionId, IsDuplicate: false),
        AcceptOutcome.Duplicate => new AcceptedResult(transactionId, IsDuplicate: true),
        AcceptOutcome.Conflict => Conflict(transactionId),
        AcceptOutcome.Rejected => new Problem(StatusCodes.Status422UnprocessableEntity, "transaction_rejected",
            "The database does not take this transaction. Sending it again unchanged will not help; quote the trace_id when you report it."),
        _ => CommitQueue.DatabaseAway,
    };

    private static Problem Conflict(string transactionId) => new(StatusCodes.Status409Conflict, "transaction_conflict",
        $"{transactionId} was accepted before with other content, which stays. Send this one under an id of its own.");
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("NewTransaction")]
internal sealed record TransactionRequest(
    [property: Description($"Your id of the transaction: {Ids.Allowed}"), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string TransactionId,
    [property: Description("Where the money comes from; an id as above."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string SourceAccount,
    [property: Description("Where the money goes; an id as above."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string DestinationAccount,
    [property: Description("Greater than 0, as a number or as a decimal string; no more decimals than the currency has.")] decimal Amount,
    [property: Description("An active ISO 4217 code, in any case."), RegularExpression(Contracts.Currency.AnyCasePattern)] string Currency);

/// <summary>The answer.</summary>
[DisplayName("AcceptedTransaction")]
internal sealed record AcceptedReply(
    [property: Description("It is stored and will be processed."), AllowedValues("accepted")] string Status,
    [property: Description("Your id of the transaction.")] string TransactionId,
    [property: Description("True when the same transaction was accepted before.")] bool Duplicate);

/// <summary>
/// The 202 <c>{"status":"accepted","transaction_id":"...","duplicate":false}</c>, written as bytes around the id: none of an id's characters
/// needs escaping in JSON.
/// </summary>
internal sealed record AcceptedResult(string TransactionId, bool IsDuplicate) : IResult
{
    private static ReadOnlySpan<byte> Head => """{"status":"accepted","transaction_id":" """u8[..^1];

    private static ReadOnlySpan<byte> NewTail => "\",\"duplicate\":false}"u8;

    private static ReadOnlySpan<byte> DuplicateTail => "\",\"duplicate\":true}"u8;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = "application/json";
        response.ContentLength = Head.Length + TransactionId.Length + (IsDuplicate ? DuplicateTail : NewTail).Length;
        Write(response.BodyWriter);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private void Write(IBufferWriter<byte> writer)
    {
        writer.Write(Head);
        Encoding.ASCII.GetBytes(TransactionId, writer);
        writer.Write(IsDuplicate ? DuplicateTail : NewTail);
    }
}
