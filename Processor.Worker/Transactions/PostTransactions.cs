using System.Diagnostics;
using Contracts;
using Data;
using Data.Transactions;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Work;

namespace Processor.Worker.Transactions;

/// <summary>
/// Sends each due transaction to <c>Processing__Url</c>, with its transaction_id as Idempotency-Key. The answer's meaning is <see cref="HttpOutcome"/>'s:
/// done is PROCESSED, refused is FAILED with the reason, a retry comes after 2^n s or the answer's Retry-After and is FAILED after the last attempt. An
/// answer which says that our address or key is wrong keeps the transaction: it loses no attempt, is tried again after <c>Processing__MisconfiguredWait</c>,
/// and is a problem in <c>/health/worker</c> until another answer comes.
/// </summary>
internal sealed class PostTransactions(
    HttpClient http, NpgsqlDataSource database, IOptions<ProcessingOptions> options, IOptions<TransactionSchedule> schedule, Problems problems, Random random,
    TimeProvider clock) : ITransactionProcessor
{
    private const string Problem = "Processing__Url";

    /// <summary>Transactions that failed together are spread over this part of their wait, both ways.</summary>
    private const double Jitter = 0.2;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Backoff _retries = Backoff.Exponential(options.Value.RetryBase, LongestWait, lowest: 1 - Jitter, highest: 1 + Jitter);
    private readonly Backoff _misconfigured = Backoff.List([options.Value.MisconfiguredWait], lowest: 1 - Jitter, highest: 1 + Jitter);

    internal const string Due =
        """
        SELECT transaction_id, source_account, destination_account, amount, currency, created_at, attempts, traceparent
        FROM transactions WHERE transaction_id = ANY ($1) AND status = 'PROCESSING' AND created_at + $2 <= now()
        """;

    public int MaxBatch => Math.Clamp(options.Value.MaxConcurrency / options.Value.MaxBatchesInFlight, 1, options.Value.MaxBatch);

    public bool WritesSpans => true;

    public async Task<IReadOnlyList<Outcome>> ProcessAsync(IReadOnlyList<WaitingRecord> records, CancellationToken cancellationToken)
    {
        var sendSpans = records.ToDictionary(record => record.Id, record => record.SendSpan, StringComparer.Ordinal);
        var rows = await ReadDueAsync(sendSpans.Keys, cancellationToken);
        return await Task.WhenAll(rows.Select(row => PostAsync(row, sendSpans[row.Message.TransactionId], cancellationToken)));
    }

    private async Task<List<RowToPost>> ReadDueAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Due);
        command.Parameters.Add(Parameter.Array<string>([.. ids], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Interval(schedule.Value.Delay));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<RowToPost>(ids.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new RowToPost(MessageRow.Read(reader), reader.GetInt32(6), await reader.IsDBNullAsync(7, cancellationToken) ? null : reader.GetString(7)));
        }

        return rows;
    }

    private async Task<Outcome> PostAsync(RowToPost row, ulong sendSpan, CancellationToken cancellationToken)
    {
        var id = row.Message.TransactionId;
        using var span = ProcessingMetrics.StartProcess(id, row.TraceParent, sendSpan, Activity.Current);
        var outcome = await AskAsync(row, cancellationToken);
        span?.SetTag("aspirewebhooks.transaction.status", outcome.Status);
        return outcome;
    }

    private async Task<Outcome> AskAsync(RowToPost row, CancellationToken cancellationToken)
    {
        var id = row.Message.TransactionId;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Value.Url);
            request.Headers.Add("Idempotency-Key", id);
            request.Content = JsonContent.Create(row.Message, MessageJson.Default.TransactionMessage);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return Decide(row, HttpOutcome.Of(response, clock.GetUtcNow()));
        }
        catch (HttpRequestException exception)
        {
            return Retry(row, $"the processor could not be reached ({exception.HttpRequestError})");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Retry(row, $"the processor did not answer within {options.Value.Timeout.TotalSeconds:0.#} s");
        }
    }

    private Outcome Decide(RowToPost row, HttpOutcome answer)
    {
        if (answer.Kind == HttpOutcomeKind.Misconfigured)
        {
            var reason = $"Processing__Url answers HTTP {answer.Status}, so its address or access is wrong";
            problems.Report(Problem, $"{reason}. Transactions are kept and tried again every {options.Value.MisconfiguredWait}; correct Processing__Url.");
            return Outcome.Keep(row.Message.TransactionId, reason, _misconfigured.After(1, random, answer.RetryAfter));
        }

        problems.Resolve(Problem);
        return answer.Kind switch
        {
            HttpOutcomeKind.Done => Outcome.Processed(row.Message.TransactionId),
            HttpOutcomeKind.Refused => Outcome.Failed(row.Message.TransactionId, $"The processor refused the transaction with HTTP {answer.Status}."),
            _ => Retry(row, $"the processor answered HTTP {answer.Status}", answer.RetryAfter),
        };
    }

    private Outcome Retry(RowToPost row, string reason, TimeSpan? retryAfter = null)
    {
        var attempt = row.Attempts + 1;
        return attempt < options.Value.MaxAttempts
            ? Outcome.Retry(row.Message.TransactionId, reason, _retries.After(attempt, random, retryAfter))
            : Outcome.Failed(row.Message.TransactionId, $"Given up after {attempt} attempts: at the last one {reason}.");
    }

    private sealed record RowToPost(TransactionMessage Message, int Attempts, string? TraceParent);
}
