using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using Processor.Worker.DeadLetters;

namespace Processor.Worker.Transactions;

/// <summary>
/// Processes transactions when they are due. Roles: <see cref="ConsumeTransactions"/> fills the queues of <see cref="WaitingTransactions"/>;
/// this loop takes what is due, several batches at a time, never two of one partition; <see cref="ITransactionProcessor"/> decides,
/// <see cref="RecordOutcomes"/> writes, and only then may the offsets be committed.
/// Guarantee: every outcome, a retry too, is in the row before its offset moves on, so no record is lost and none blocks its partition.
/// <list type="bullet">
/// <item>Dies before the update: nothing is committed; the next owner of the partition does it again.</item>
/// <item>Dies between update and offset: done again, and the update's WHERE makes it nothing.</item>
/// <item>PostgreSQL goes: the batch stays in flight and is tried again; reading pauses; the worker stays in its group.</item>
/// <item>The row is not due by the database's clock: the record goes back to its queue, for as long as that clock says.</item>
/// <item>Stops: the batches in hand end, then their offsets are committed.</item>
/// </list>
/// </summary>
internal sealed partial class ProcessTransactions(
    WaitingTransactions waiting, ITransactionProcessor processor, RecordOutcomes outcomes, DeadLetterWriter deadLetters, DatabaseState database,
    ProcessingMetrics metrics, IOptions<ProcessingOptions> options, TimeProvider clock, ILogger<ProcessTransactions> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200), LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>What was refused and is due a moment later: the update and the question why are two statements, with time between them.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

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

    /// <summary>Lets the batches in hand end, but not for ever: what hangs on a database that does not answer is left to the partition's next owner.</summary>
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
        // One record a transaction: the relay may have published one twice.
        var open = batch.Records.DistinctBy(record => record.Id, StringComparer.Ordinal).ToDictionary(record => record.Id, StringComparer.Ordinal);
        var notDue = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        var aside = new HashSet<string>(StringComparer.Ordinal);
        var decided = new List<Outcome>();
        try
        {
            for (var pause = FirstPause; !await TryProcessAsync(open, decided, notDue, aside); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
                await Task.Delay(pause, clock, stoppingToken);
            waiting.Finish(batch, notDue, aside);
            PutAside(batch, aside);
            _slots.Release();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped while it waited for the database: what is open is not committed. Nobody takes it again; nobody waits for it, either.
            foreach (var id in open.Keys) notDue[id] = TimeSpan.Zero;
            waiting.Finish(batch, notDue, aside);
        }
    }

    /// <summary>
    /// Processes what is open of a batch: takes off what has its outcome, and puts what the database's clock refuses into
    /// <paramref name="notDue"/> with how long it must wait, and what has no row <paramref name="aside"/>. False: the database is away, or
    /// something else went wrong; to be tried again.
    /// What was sent to Processing__Url is also recorded, or it would be sent twice: a stop does not cut it off, and what is
    /// <paramref name="decided"/> when the database goes stays so until it is recorded.
    /// </summary>
    private async Task<bool> TryProcessAsync(
        Dictionary<string, WaitingRecord> open, List<Outcome> decided, Dictionary<string, TimeSpan> notDue, HashSet<string> aside)
    {
        var started = clock.GetTimestamp();
        using var span = ProcessingMetrics.StartBatch(open.Count);
        try
        {
            if (decided.Count == 0) decided.AddRange(await processor.ProcessAsync([.. open.Values], CancellationToken.None));
            var recorded = await outcomes.RecordAsync(decided, CancellationToken.None);
            metrics.Recorded(recorded, open, processor.WritesSpans ? null : span, clock.GetElapsedTime(started));
            foreach (var outcome in recorded) open.Remove(outcome.Id);
            decided.RemoveAll(outcome => !open.ContainsKey(outcome.Id));
            if (open.Count > 0) await ExplainAsync(open, notDue, aside);
            if (database.Reached()) DatabaseBack();
            return true;
        }
        catch (NpgsqlException exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (database.Lost()) DatabaseAway(exception);
            else StillAway(exception, open.Count);
            return false;
        }
        catch (Exception exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            BatchFailed(exception, open.Count);
            return false;
        }
    }

    private async Task ExplainAsync(Dictionary<string, WaitingRecord> open, Dictionary<string, TimeSpan> notDue, HashSet<string> aside)
    {
        foreach (var refused in await outcomes.ExplainAsync([.. open.Keys], CancellationToken.None))
        {
            if (refused.Wait is { } wait) notDue[refused.Id] = wait > ShortestWait ? wait : ShortestWait;
            else if (!refused.IsKnown) aside.Add(refused.Id);
            open.Remove(refused.Id);
        }
    }

    // Written beside the batches, never within one: behind 10,000 poison records in a row, 2,700 of them without a row, good transactions
    // were 22 s late when they were written one after the other before their batch could end, and 4 s are this way (tests/Faults/PoisonTests.cs).
    private void PutAside(Batch batch, HashSet<string> aside)
    {
        if (aside.Count == 0) return;
        foreach (var (queue, records) in batch.Parts)
        {
            foreach (var record in records.Where(record => aside.Contains(record.Id))) deadLetters.AddUnknown(queue, record);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "PostgreSQL is away: reading from Kafka pauses, nothing is committed, the batch is tried until it is back")]
    private partial void DatabaseAway(NpgsqlException exception);

    [LoggerMessage(2, LogLevel.Debug, "A batch of {Count} transactions could not be recorded and is tried again")]
    private partial void StillAway(NpgsqlException exception, int count);

    [LoggerMessage(4, LogLevel.Error, "A batch of {Count} transactions failed and is tried again")]
    private partial void BatchFailed(Exception exception, int count);

    [LoggerMessage(3, LogLevel.Information, "PostgreSQL is back: reading from Kafka goes on")]
    private partial void DatabaseBack();

    [LoggerMessage(5, LogLevel.Warning, "{Count} batches had not ended {Patience} after the stop and are left to their partitions' next owner")]
    private partial void LeftBehind(int count, TimeSpan patience);
}
