using System.Diagnostics;
using Data.DeadLetters;
using Microsoft.Extensions.Options;
using Processor.Worker.Work;

namespace Processor.Worker.Transactions;

/// <summary>
/// Processes transactions when they are due. Roles: <see cref="ReadTransactions"/> fills the queues of <see cref="WaitingTransactions"/>; this loop takes
/// what is due, several batches at a time, at most one of each partition; <see cref="ITransactionProcessor"/> decides, <see cref="RecordOutcomes"/> writes,
/// and only then may the offsets be committed.
/// Guarantee: every outcome, a retry included, is in the row before its offset is committed, so no record is lost and none blocks its partition.
/// <list type="bullet">
/// <item>Dies before the update: nothing is committed; the partition's next owner repeats it.</item>
/// <item>Dies between update and commit: repeated, and the update's WHERE makes it a no-op.</item>
/// <item>PostgreSQL is away: the batch stays in flight and is tried again without a limit; reading pauses; the worker stays in its group.</item>
/// <item>PostgreSQL refuses the batch for what is in it: its records are processed one by one, and one that is refused 3 times becomes a dead letter.</item>
/// <item>The row is not due by the database's clock: the record goes back to its queue for the rest of the time.</item>
/// <item>Stops: running batches end, then their offsets are committed. What waits for the database is given up, but what was sent to Processing__Url
/// gets a last try to be recorded.</item>
/// </list>
/// </summary>
internal sealed partial class ProcessTransactions(
    WaitingTransactions waiting, ITransactionProcessor processor, RecordOutcomes outcomes, PutAsideTransactions dead, DatabaseState database,
    ProcessingMetrics metrics, IOptions<ProcessingOptions> options, Random random, TimeProvider clock, ILogger<ProcessTransactions> logger) : BackgroundService
{
    private static readonly Backoff Pauses = Backoff.Exponential(TimeSpan.FromMilliseconds(200), longest: TimeSpan.FromSeconds(5));

    private readonly ILogger _logger = logger;
    private readonly SemaphoreSlim _slots = new(options.Value.MaxBatchesInFlight);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var inFlight = new List<Task>();
        try
        {
            while (true)
            {
                await _slots.WaitAsync(stoppingToken);
                inFlight.RemoveAll(task => task.IsCompleted);
                Batch? batch;
                while ((batch = waiting.TakeDue(processor.MaxBatch)) is null) await waiting.WaitAsync(stoppingToken);
                inFlight.Add(RunAsync(batch, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await EndAsync(inFlight);
        }
    }

    public override void Dispose()
    {
        _slots.Dispose();
        base.Dispose();
    }

    /// <summary>
    /// Lets running batches end, but not without a limit: one that hangs on a database that does not answer is left to the partition's next owner.
    /// </summary>
    private async Task EndAsync(List<Task> inFlight)
    {
        try
        {
            await Task.WhenAll(inFlight).WaitAsync(options.Value.Patience, clock);
        }
        catch (TimeoutException)
        {
            LeftBehind(inFlight.Count(task => !task.IsCompleted), options.Value.Patience);
        }
    }

    private async Task RunAsync(Batch batch, CancellationToken stoppingToken)
    {
        var progress = new BatchProgress(batch);
        try
        {
            if (await TryUntilDatabaseAnswersAsync(progress, progress.Open, stoppingToken) == Attempt.Refused)
            {
                foreach (var record in progress.Open.Values.ToArray()) await ProcessAloneAsync(progress, record, stoppingToken);
            }

            waiting.Finish(batch, progress.NotDue, progress.Aside.Keys.ToHashSet(StringComparer.Ordinal));
            if (progress.Aside.Count > 0) dead.Add(batch, progress.Aside);
            _slots.Release();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped in a pause between tries: what is open after a last one is not committed, and nothing takes it again here.
            await RecordDecidedAsync(progress);
            foreach (var id in progress.Open.Keys) progress.NotDue[id] = TimeSpan.Zero;
            waiting.Finish(batch, progress.NotDue, progress.Aside.Keys.ToHashSet(StringComparer.Ordinal));
        }
    }

    private async Task<Attempt> TryUntilDatabaseAnswersAsync(
        BatchProgress progress, IReadOnlyDictionary<string, WaitingRecord> records, CancellationToken stoppingToken)
    {
        for (var failures = 1; ; failures++)
        {
            var attempt = await TryAsync(progress, records);
            if (attempt != Attempt.DatabaseAway) return attempt;
            await Task.Delay(Pauses.After(failures, random), clock, stoppingToken);
        }
    }

    /// <summary>
    /// The last try of a stop. The pause it ended lasts up to 5 s, in which the database may have come back; what was decided and is not recorded, the
    /// partition's next owner sends again.
    /// </summary>
    private async Task RecordDecidedAsync(BatchProgress progress)
    {
        var decided = progress.Open.Where(open => progress.Decided.ContainsKey(open.Key)).ToDictionary(StringComparer.Ordinal);
        if (decided.Count == 0 || await TryAsync(progress, decided) != Attempt.Refused) return;
        foreach (var record in decided.Values) await TryAsync(progress, Alone(record));
    }

    private async Task ProcessAloneAsync(BatchProgress progress, WaitingRecord record, CancellationToken stoppingToken)
    {
        var alone = Alone(record);
        for (var refusals = 1; await TryUntilDatabaseAnswersAsync(progress, alone, stoppingToken) == Attempt.Refused; refusals++)
        {
            if (refusals == DatabaseRefusal.MaxAttempts)
            {
                progress.PutAside(record.Id, DeadLetterReason.Refused, progress.Refusal);
                return;
            }

            await Task.Delay(Pauses.After(refusals, random), clock, stoppingToken);
        }
    }

    private static Dictionary<string, WaitingRecord> Alone(WaitingRecord record) => new(StringComparer.Ordinal) { [record.Id] = record };

    /// <summary>
    /// Processes records of a batch that are open. A stop does not cancel it: a transaction that was sent to Processing__Url is recorded too, or it would be
    /// sent twice; and an outcome that was decided stays so until it is recorded.
    /// </summary>
    private async Task<Attempt> TryAsync(BatchProgress progress, IReadOnlyDictionary<string, WaitingRecord> records)
    {
        var started = clock.GetTimestamp();
        using var span = ProcessingMetrics.StartBatch(records.Count);
        try
        {
            WaitingRecord[] undecided = [.. records.Values.Where(record => !progress.Decided.ContainsKey(record.Id))];
            if (undecided.Length > 0) progress.Decide(await processor.ProcessAsync(undecided, CancellationToken.None));
            Outcome[] decided = [.. records.Keys.Where(progress.Decided.ContainsKey).Select(id => progress.Decided[id])];
            var recorded = await outcomes.RecordAsync(decided, CancellationToken.None);
            metrics.Recorded(recorded, progress.Open, processor.WritesSpans ? null : span, clock.GetElapsedTime(started));
            string[] left = [.. records.Keys.Except(recorded.Select(outcome => outcome.Id), StringComparer.Ordinal)];
            foreach (var outcome in recorded) progress.Open.Remove(outcome.Id);
            if (left.Length > 0) progress.Explained(await outcomes.ExplainAsync(left, CancellationToken.None));
            if (database.Reached()) DatabaseBack();
            return Attempt.Done;
        }
        catch (Exception exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            return Failed(progress, exception, records.Count);
        }
    }

    private Attempt Failed(BatchProgress progress, Exception exception, int count)
    {
        if (DatabaseRefusal.IsRefusal(exception))
        {
            progress.Refusal = DatabaseRefusal.Describe(exception);
            BatchRefused(exception, count);
            return Attempt.Refused;
        }

        if (database.Lost()) DatabaseAway(exception);
        else StillAway(exception, count);
        return Attempt.DatabaseAway;
    }

    [LoggerMessage(1, LogLevel.Warning, "PostgreSQL is away: reading from Kafka pauses, nothing is committed, and the batch is tried until it is back")]
    private partial void DatabaseAway(Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "A batch of {Count} transactions could not be recorded and is tried again")]
    private partial void StillAway(Exception exception, int count);

    [LoggerMessage(4, LogLevel.Error,
        "PostgreSQL refused {Count} transactions; they are processed one by one, and one that is refused 3 times becomes a dead letter")]
    private partial void BatchRefused(Exception exception, int count);

    [LoggerMessage(3, LogLevel.Information, "PostgreSQL is back: reading from Kafka goes on")]
    private partial void DatabaseBack();

    [LoggerMessage(5, LogLevel.Warning, "{Count} batches had not ended {Patience} after the stop and are left to their partitions' next owner")]
    private partial void LeftBehind(int count, TimeSpan patience);
}
