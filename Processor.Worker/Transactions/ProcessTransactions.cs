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
/// <item>Stops: the batches in hand end, then their offsets are committed.</item>
/// </list>
/// </summary>
internal sealed partial class ProcessTransactions(
    WaitingTransactions waiting, ITransactionProcessor processor, RecordOutcomes outcomes, DeadLetterWriter deadLetters, DatabaseState database,
    ProcessingMetrics metrics, IOptions<ProcessingOptions> options, TimeProvider clock, ILogger<ProcessTransactions> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200), LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var slots = new SemaphoreSlim(options.Value.MaxBatchesInFlight);
        var inFlight = new List<Task>();
        try
        {
            while (true)
            {
                await slots.WaitAsync(stoppingToken);
                inFlight.RemoveAll(task => task.IsCompleted);
                Batch? batch;
                while ((batch = waiting.TakeDue(processor.MaxBatch)) is null) await waiting.WaitAsync(stoppingToken);
                inFlight.Add(RunAsync(batch, slots, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(inFlight);
        }
    }

    private async Task RunAsync(Batch batch, SemaphoreSlim slots, CancellationToken stoppingToken)
    {
        try
        {
            // One record a transaction: the relay may have published one twice.
            var open = batch.Records.DistinctBy(record => record.Id, StringComparer.Ordinal).ToDictionary(record => record.Id, StringComparer.Ordinal);
            var pause = FirstPause;
            while (open.Count > 0)
            {
                var wait = await TryProcessAsync(open, batch, stoppingToken);
                if (open.Count == 0) break;
                if (wait is null)
                {
                    wait = pause;
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }

                await Task.Delay(wait.Value, clock, stoppingToken);
            }

            waiting.Finish(batch);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped while it waited for the database: nothing of it is committed.
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>
    /// Processes what is open of a batch and takes off what has its outcome. Returns how long the rest must wait by the database's clock;
    /// null when it cannot be said: the database is away, or something else went wrong, and the batch is tried again.
    /// </summary>
    private async Task<TimeSpan?> TryProcessAsync(Dictionary<string, WaitingRecord> open, Batch batch, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var span = ProcessingMetrics.StartBatch(open.Count);
        try
        {
            var decided = await processor.ProcessAsync([.. open.Values], cancellationToken);
            var recorded = await outcomes.RecordAsync(decided, CancellationToken.None);
            metrics.Recorded(recorded, open, span, clock.GetElapsedTime(started));
            foreach (var outcome in recorded) open.Remove(outcome.Id);

            var wait = open.Count == 0 ? TimeSpan.Zero : await ExplainAsync(open, batch, cancellationToken);
            if (database.Reached()) DatabaseBack();
            return wait;
        }
        catch (NpgsqlException exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (database.Lost()) DatabaseAway(exception);
            else StillAway(exception, open.Count);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            BatchFailed(exception, open.Count);
            return null;
        }
    }

    private async Task<TimeSpan> ExplainAsync(Dictionary<string, WaitingRecord> open, Batch batch, CancellationToken cancellationToken)
    {
        var shortest = TimeSpan.MaxValue;
        foreach (var refused in await outcomes.ExplainAsync([.. open.Keys], cancellationToken))
        {
            if (refused.Wait > TimeSpan.Zero)
            {
                shortest = refused.Wait < shortest ? refused.Wait : shortest;
                continue;
            }

            if (!refused.IsKnown) await deadLetters.WriteUnknownAsync(PartitionOf(batch, refused.Id), open[refused.Id], cancellationToken);
            open.Remove(refused.Id);
        }

        return shortest > ShortestWait ? shortest : ShortestWait;
    }

    private static int PartitionOf(Batch batch, string id) =>
        batch.Parts.First(part => part.Records.Any(record => record.Id == id)).Queue.Partition;

    [LoggerMessage(1, LogLevel.Warning, "PostgreSQL is away: reading from Kafka pauses, nothing is committed, the batch is tried until it is back")]
    private partial void DatabaseAway(NpgsqlException exception);

    [LoggerMessage(2, LogLevel.Debug, "A batch of {Count} transactions could not be recorded and is tried again")]
    private partial void StillAway(NpgsqlException exception, int count);

    [LoggerMessage(4, LogLevel.Error, "A batch of {Count} transactions failed and is tried again")]
    private partial void BatchFailed(Exception exception, int count);

    [LoggerMessage(3, LogLevel.Information, "PostgreSQL is back: reading from Kafka goes on")]
    private partial void DatabaseBack();
}
