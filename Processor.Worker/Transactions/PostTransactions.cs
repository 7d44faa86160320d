using System.Diagnostics;
using Contracts;
using Data;
using Data.Transactions;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Transactions;

/// <summary>
/// Sends each due transaction to <c>Processing__Url</c>, with its transaction_id as Idempotency-Key: 2xx is PROCESSED, 4xx FAILED with the
/// reason, everything else is tried again after 2^n s, and FAILED after the last attempt.
/// </summary>
internal sealed class PostTransactions(
    HttpClient http, NpgsqlDataSource database, IOptions<ProcessingOptions> options, IOptions<TransactionSchedule> schedule, Random random)
    : ITransactionProcessor
{
    /// <summary>Retries spread by up to this part of their wait, so that those that failed together do not come back together.</summary>
    private const double Jitter = 0.2;

    // By id alone: as RecordOutcomes.
    internal const string Due =
        """
        SELECT transaction_id, source_account, destination_account, amount, currency, created_at, attempts, traceparent
        FROM transactions WHERE transaction_id = ANY ($1) AND status || '' = 'PROCESSING' AND created_at + $2 <= now()
        """;

    public int MaxBatch => Math.Clamp(options.Value.MaxConcurrency / options.Value.MaxBatchesInFlight, 1, options.Value.MaxBatch);

    public bool WritesSpans => true;

    public async Task<IReadOnlyList<Outcome>> ProcessAsync(IReadOnlyList<WaitingRecord> records, CancellationToken cancellationToken)
    {
        var sendSpans = records.ToDictionary(record => record.Id, record => record.SendSpan, StringComparer.Ordinal);
        var rows = await ReadDueAsync(sendSpans.Keys, cancellationToken);
        return await Task.WhenAll(rows.Select(row => PostAsync(row, sendSpans[row.Message.TransactionId], cancellationToken)));
    }

    private async Task<List<DueRow>> ReadDueAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Due);
        command.Parameters.Add(Parameter.Array<string>([.. ids], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Interval(schedule.Value.Delay));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<DueRow>(ids.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new DueRow(MessageRow.Read(reader), reader.GetInt32(6), await reader.IsDBNullAsync(7, cancellationToken) ? null : reader.GetString(7)));
        }

        return rows;
    }

    private async Task<Outcome> PostAsync(DueRow row, ulong sendSpan, CancellationToken cancellationToken)
    {
        var id = row.Message.TransactionId;
        using var span = ProcessingMetrics.StartProcess(id, row.TraceParent, sendSpan, Activity.Current);
        var outcome = await AskAsync(row, cancellationToken);
        span?.SetTag("aspirewebhooks.transaction.status", outcome.Status);
        return outcome;
    }

    private async Task<Outcome> AskAsync(DueRow row, CancellationToken cancellationToken)
    {
        var id = row.Message.TransactionId;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Value.Url);
            request.Headers.Add("Idempotency-Key", id);
            request.Content = JsonContent.Create(row.Message, MessageJson.Default.TransactionMessage);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return Judge(row, (int)response.StatusCode);
        }
        catch (HttpRequestException exception)
        {
            return Again(row, $"the processor could not be reached ({exception.HttpRequestError})");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Again(row, $"the processor did not answer within {options.Value.Timeout.TotalSeconds:0.#} s");
        }
    }

    private Outcome Judge(DueRow row, int status) => status switch
    {
        >= 200 and < 300 => Outcome.Processed(row.Message.TransactionId),
        >= 400 and < 500 => Outcome.Failed(row.Message.TransactionId, $"The processor refused the transaction with HTTP {status}."),
        _ => Again(row, $"the processor answered HTTP {status}"),
    };

    private Outcome Again(DueRow row, string reason)
    {
        var attempt = row.Attempts + 1;
        if (attempt >= options.Value.MaxAttempts)
            return Outcome.Failed(row.Message.TransactionId, $"Given up after {attempt} attempts: at the last one {reason}.");
        var wait = options.Value.RetryBase * Math.Pow(2, attempt - 1) * (1 - Jitter + 2 * Jitter * random.NextDouble());
        return Outcome.Retry(row.Message.TransactionId, reason, wait);
    }

    private sealed record DueRow(TransactionMessage Message, int Attempts, string? TraceParent);
}
