using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Sandbox.Requests;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Bank;

/// <summary>The bank's API: <c>POST /transfers</c> and <c>GET /transfers/{transaction_id}</c>.</summary>
internal static partial class TransferEndpoints
{
    private const string Example = """{"transaction_id":123,"type":"deposit","amount":"250.00","currency":"USD"}""";
    private const int RetryAfterSeconds = 2;

    public static void MapTransfers(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/transfers", PostAsync)
            .WithName("SendTransfer").WithTags("Transfers").WithSummary("Has a transfer carried out; the same again is the same transfer")
            .Accepts<TransferRequest>("application/json").WithRequestExample(Example)
            .Produces<TransferTaken>(StatusCodes.Status202Accepted)
            .WithResponseExample(StatusCodes.Status202Accepted, """{"bank_reference":"DEP-0A1B2C3D4E5F","status":"pending"}""")
            .Answers(StatusCodes.Status202Accepted, "Taken on, now or before. A callback tells the result.")
            .Fails(StatusCodes.Status400BadRequest, "Idempotency-Key is missing, or the body cannot be read.")
            .Fails(StatusCodes.Status409Conflict, "The transaction was sent before with other content or another key; that one stays.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "Refused for good: `refused` or `insufficient_funds`; or a member is not acceptable.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "Nothing was done; try again.");
        routes.MapGet("/transfers/{transactionId:long}", Get)
            .WithName("GetTransfer").WithTags("Transfers").WithSummary("What has become of a transfer")
            .Produces<TransferReply>()
            .WithResponseExample(
                StatusCodes.Status200OK,
                """{"transaction_id":123,"bank_reference":"DEP-0A1B2C3D4E5F","status":"success","error_message":null}""")
            .Answers(StatusCodes.Status200OK, "It was taken on.")
            .Fails(StatusCodes.Status404NotFound, "It was never seen, or refused at once.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The bank is down.");
    }

    private static async Task<IResult> PostAsync(
        HttpRequest http, [FromHeader(Name = "Idempotency-Key")] string? key, Books books, CurrentBehaviour<BankBehaviour> behaviour, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var (request, problem) = await JsonBody.ReadAsync(http, BankJson.Default.TransferRequest, cancellationToken);
        if (request is null) return problem!;
        if (string.IsNullOrEmpty(key))
            return new Problem(StatusCodes.Status400BadRequest, "idempotency_key_missing",
                "Send Idempotency-Key: payment:{transaction_id}, so that a repeated request is the same transfer.");
        if (request.Faults() is { Count: > 0 } faults) return Problem.Invalid(faults);

        var now = behaviour.Now;
        if (now.Behaviour == BehaviourName.Down) return Unavailable;
        var (transfer, isNew) = books.Enter(request, key, now);
        if (transfer is null)
            return new Problem(StatusCodes.Status409Conflict, "idempotency_conflict",
                $"Transaction {request.TransactionId} was sent before with other content or another Idempotency-Key. That one stays.");

        if (isNew)
            Entered(
                loggers.CreateLogger("Sandbox.Bank.Transfers"),
                request.TransactionId, request.Type, request.Amount, request.Currency, TextOf(transfer.Plan));
        return transfer.Plan.Answer switch
        {
            Answer.Unavailable => Unavailable,
            Answer.Refused => new Problem(StatusCodes.Status422UnprocessableEntity, transfer.Plan.Refusal!.Error, transfer.Plan.Refusal.Detail),
            Answer.None when isNew => new NoAnswer(),
            _ => TypedResults.Json(
                new TransferTaken(transfer.BankReference, transfer.Status), BankJson.Default.TransferTaken, statusCode: StatusCodes.Status202Accepted),
        };
    }

    private static Results<JsonHttpResult<TransferReply>, Problem> Get(long transactionId, Books books, CurrentBehaviour<BankBehaviour> behaviour)
    {
        if (behaviour.Now.Behaviour == BehaviourName.Down) return Unavailable;
        if (!books.TryFind(transactionId, out var transfer))
            return Problem.NotFound($"The bank has no transfer {transactionId}: it was never seen, or refused at once.");
        var message = transfer.IsSettled ? transfer.ResultMessage : null;
        return TypedResults.Json(new TransferReply(transactionId, transfer.BankReference, transfer.Status, message), BankJson.Default.TransferReply);
    }

    private static Problem Unavailable =>
        Problem.Unavailable("The bank is not available at the moment. Nothing was done; try again shortly.", RetryAfterSeconds);

    private static string TextOf(TransferPlan plan)
    {
        var answer = plan.Answer switch
        {
            Answer.Accepted => "taken on",
            Answer.None => "not answered",
            Answer.Unavailable => "503",
            _ => $"refused ({plan.Refusal!.Error})",
        };
        if (plan.Execution is not { } execution) return $"{answer}, nothing done";
        var outcome = execution.Refusal is null ? Transfer.Success : $"failed ({execution.Refusal.Error})";
        return string.Create(CultureInfo.InvariantCulture,
            $"{answer}, {outcome} in {execution.Delay.TotalSeconds:0.0} s, callback {execution.Callbacks}");
    }

    [LoggerMessage(1, LogLevel.Information, "Transfer {TransactionId}: {Type} of {Amount} {Currency}: {Plan}")]
    private static partial void Entered(ILogger logger, long transactionId, string type, string amount, string currency, string plan);
}
