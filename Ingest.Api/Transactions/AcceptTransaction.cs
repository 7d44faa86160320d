using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Authentication;
using ServiceDefaults.Problems;

namespace Ingest.Api.Transactions;

/// <summary>
/// <c>POST /v1/webhooks/transactions</c>: read, check, queue for the next commit, and answer when that is done. The 202 waits for
/// PostgreSQL and for nothing else.
/// </summary>
internal static class AcceptTransaction
{
    private const int MaxBodyBytes = 16 * 1024;

    public static void MapAcceptTransaction(this WebApplication app) => app
        .MapPost("/v1/webhooks/transactions", HandleAsync)
        .RequireApiKey(app.Services)
        .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
        .WithTransactionDocs();

    private static async Task<IResult> HandleAsync(HttpContext context, SignatureCheck signature, CommitQueue queue, AcceptMetrics metrics)
    {
        if (!IsJson(context.Request)) return Refuse(metrics, Problem.UnsupportedMediaType());

        var body = await ReadBodyAsync(context.Request.BodyReader, context.RequestAborted);
        var (submission, problem) = Check(context.Request, body, signature);
        context.Request.BodyReader.AdvanceTo(body.End);
        if (submission is null) return Refuse(metrics, problem!);

        if (!queue.TryEnqueue(submission)) return Refuse(metrics, queue.Refusal);
        var outcome = await submission.Outcome;
        metrics.Answered(outcome);
        return Answer(submission.Content.TransactionId, outcome);
    }

    private static IResult Refuse(AcceptMetrics metrics, Problem problem)
    {
        metrics.Refused(problem.Error);
        return problem;
    }

    private static bool IsJson(HttpRequest request) =>
        request.ContentType is "application/json"
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));

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

    private static (Submission?, Problem?) Check(HttpRequest request, in ReadOnlySequence<byte> body, SignatureCheck signature)
    {
        var bytes = body.IsSingleSegment ? body.FirstSpan : body.ToArray();
        if (signature.IsRequired && signature.Refuse(request.Headers, bytes) is { } refusal) return (null, refusal);

        var (content, problem) = TransactionJson.Read(bytes);
        return content is null ? (null, problem) : (new Submission(content, Trace()), null);
    }

    /// <summary>Kept with the row only where somebody follows it: this process or the sender records it. Through the front door every request has a trace.</summary>
    private static ActivityContext Trace() => Activity.Current is { Recorded: true } span ? span.Context : default;

    private static IResult Answer(string transactionId, AcceptOutcome outcome) => outcome switch
    {
        AcceptOutcome.Accepted => new AcceptedResult(transactionId, IsDuplicate: false),
        AcceptOutcome.Duplicate => new AcceptedResult(transactionId, IsDuplicate: true),
        AcceptOutcome.Conflict => new Problem(StatusCodes.Status409Conflict, "transaction_conflict",
            $"{transactionId} was accepted before with other content, which stays. Send this one under an id of its own."),
        AcceptOutcome.Rejected => new Problem(StatusCodes.Status422UnprocessableEntity, "transaction_rejected",
            "The database does not take this transaction. Sending it again unchanged will not help; quote the trace_id when you report it."),
        _ => CommitQueue.DatabaseAway,
    };
}
