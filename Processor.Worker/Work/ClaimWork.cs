using Confluent.Kafka;
using Data.DeadLetters;
using Processor.Worker.DeadLetters;

namespace Processor.Worker.Work;

/// <summary>
/// Claims the rows whose records were read, passes the records' offsets, and runs the claims, many at a time. Roles: every worker claims what its partitions
/// bring; a claim is a lease with a number, so no two workers write for the same row.
/// Guarantee: an offset is passed only when its record's row is claimed, done, not due yet (the row holds the date), or its record is a dead letter.
/// <list type="bullet">
/// <item>Dies before the claim: the record is read again by the partition's next owner.</item>
/// <item>Dies after the claim: the lease ends, the relay publishes the row again, and the next owner goes on.</item>
/// <item>PostgreSQL is away: the same records are tried each second, nothing is passed, <c>/health/worker</c> says so, and reading pauses
/// once enough wait.</item>
/// <item>PostgreSQL refuses the statement for what is in it: each record is tried alone, and one that is refused 3 times is put aside with its bytes.</item>
/// </list>
/// </summary>
internal sealed partial class ClaimWork<TId, TClaimed>(
    WorkQueue<TId, TClaimed> queue, WorkRules<TId, TClaimed> rules, DeadLetterWriter deadLetters, Problems problems, TimeProvider clock,
    ILogger<ClaimWork<TId, TClaimed>> logger) : BackgroundService where TId : notnull
{
    /// <summary>The most records claimed by one statement.</summary>
    private const int MaxBatch = 100;

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly ClaimedRuns _runs = new(rules.Topic, rules.MaxConcurrency, rules.Lease, problems, logger);
    private readonly ILogger _logger = logger;

    /// <summary>Ends when the running claims are recorded, or at the host's time limit: then their leases hand them on.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _runs.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _runs.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<ConsumeResult<byte[], WorkRecord<TId, TClaimed>>>(MaxBatch);
        try
        {
            while (await queue.Records.WaitToReadAsync(stoppingToken))
            {
                // First a place, then the claim: no lease runs while its row waits for a place.
                var free = Math.Min(MaxBatch, await _runs.FreeAsync(stoppingToken));
                while (batch.Count < free && queue.Records.TryRead(out var record)) batch.Add(record);
                await ClaimAsync(batch, stoppingToken);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not claimed is read again.
        }
    }

    private async Task ClaimAsync(IReadOnlyList<ConsumeResult<byte[], WorkRecord<TId, TClaimed>>> batch, CancellationToken cancellationToken)
    {
        for (var refusals = 0; ;)
        {
            try
            {
                await TryClaimAsync(batch, cancellationToken);
                break;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !DatabaseRefusal.IsRefusal(exception))
            {
                problems.Report(rules.Topic, $"PostgreSQL cannot be used to claim {rules.Topic}, which wait: {exception.Message}");
                NotClaimed(exception, batch.Count, rules.Topic);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                NotClaimed(exception, batch.Count, rules.Topic);
                if (batch.Count > 1)
                {
                    foreach (var record in batch) await ClaimAsync([record], cancellationToken);
                    return;
                }

                if (++refusals == DatabaseRefusal.MaxAttempts)
                {
                    await PutAsideAsync(batch[0], DeadLetterReason.Refused, DatabaseRefusal.Describe(exception), cancellationToken);
                    break;
                }
            }

            await Task.Delay(AfterError, clock, cancellationToken);
        }

        problems.Resolve(rules.Topic);
        queue.Pass(batch);
    }

    private async Task TryClaimAsync(IReadOnlyList<ConsumeResult<byte[], WorkRecord<TId, TClaimed>>> batch, CancellationToken cancellationToken)
    {
        var records = batch.Where(record => record.Message.Value.Fault is null).ToLookup(record => record.Message.Value.Id);
        TId[] ids = [.. records.Select(record => record.Key)];
        IReadOnlyList<TClaimed> claimed = ids.Length == 0 ? [] : await rules.ClaimAsync(ids, rules.Lease, cancellationToken);
        foreach (var claim in claimed)
        {
            var id = rules.IdOf(claim);
            var record = ReceivedRecord.Of(records[id].First());
            _runs.Start(id, () => rules.RunAsync(claim, record));
        }


        foreach (var record in batch.Where(record => record.Message.Value.Fault is not null))
            await PutAsideAsync(record, DeadLetterReason.Undecodable, record.Message.Value.Fault!, cancellationToken);
        TId[] others = [.. ids.Except(claimed.Select(rules.IdOf))];
        if (others.Length == 0) return;
        var known = await rules.KnownAsync(others, cancellationToken);
        foreach (var id in others.Where(id => !known.Contains(id)))
        {
            foreach (var record in records[id]) await PutAsideAsync(record, rules.UnknownReason, $"No row has the id {id}.", cancellationToken);
        }
    }

    private async Task PutAsideAsync(ConsumeResult<byte[], WorkRecord<TId, TClaimed>> record, string reason, string detail, CancellationToken cancellationToken)
    {
        PutAside(record.TopicPartitionOffset, detail);
        await deadLetters.WriteAsync(ReceivedRecord.Of(record).ToDeadLetter(reason, detail), cancellationToken);
    }

    [LoggerMessage(106, LogLevel.Warning, "{Count} records of {Topic} could not be claimed; they are tried again in a second")]
    private partial void NotClaimed(Exception exception, int count, string topic);

    [LoggerMessage(108, LogLevel.Warning, "The record at {Origin} becomes a dead letter: {Fault}")]
    private partial void PutAside(TopicPartitionOffset origin, string fault);
}
