using System.Collections.Concurrent;
using Confluent.Kafka;
using Data.DeadLetters;
using Microsoft.Extensions.Options;
using Npgsql;
using Processor.Worker.DeadLetters;

namespace Processor.Worker.Payments;

/// <summary>
/// Claims the payments whose records were read, lets their offsets pass, and has them carried out, many at a time. Roles: every worker takes up
/// what its partitions bring; a claim is a lease, so no two have the same payment in hand.
/// Guarantee: an offset is passed only when the record's payment is claimed, settled, not yet due (its row has the date), or a dead letter.
/// Dies after the claim: the lease ends, and the relay brings the payment to another worker, who asks the bank first.
/// PostgreSQL away: the same records are tried each second; nothing is passed.
/// </summary>
internal sealed partial class TakeUpPayments(
    ConsumePayments consumer, CarryOutPayment carryOut, NpgsqlDataSource database, DeadLetterTopic deadLetters, IOptions<PaymentOptions> options,
    TimeProvider clock, ILogger<TakeUpPayments> logger) : BackgroundService
{
    /// <summary>Records that are claimed by one statement at most.</summary>
    private const int MaxBatch = 100;

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Task, byte> _inHand = new();
    private readonly SemaphoreSlim _places = new(options.Value.MaxConcurrency);
    private readonly ILogger _logger = logger;

    /// <summary>Ends when what is in hand is recorded, or when the host's patience ends: then the lease hands it on.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Task.WhenAll(_inHand.Keys).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            LeftInHand(_inHand.Count, options.Value.Lease);
        }
    }

    public override void Dispose()
    {
        _places.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<ConsumeResult<byte[], PaymentRecord>>(MaxBatch);
        try
        {
            while (await consumer.Records.WaitToReadAsync(stoppingToken))
            {
                // A place first, so that no lease runs while its payment waits for one.
                await _places.WaitAsync(stoppingToken);
                _places.Release();
                while (batch.Count < Math.Min(MaxBatch, _places.CurrentCount) && consumer.Records.TryRead(out var record)) batch.Add(record);
                await TakeUpAsync(batch, stoppingToken);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not claimed is read again.
        }
    }

    private async Task TakeUpAsync(List<ConsumeResult<byte[], PaymentRecord>> batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var records = batch.Where(record => record.Message.Value.Fault is null).ToLookup(record => record.Message.Value.PaymentId);
                long[] ids = [.. records.Select(record => record.Key)];
                var claimed = ids.Length == 0 ? [] : await ClaimPayments.RunAsync(database, ids, options.Value.Lease, cancellationToken);
                foreach (var payment in claimed) Begin(payment, records[payment.Id].First());
                await PutAsideAsync(batch, [.. ids.Except(claimed.Select(payment => payment.Id))], cancellationToken);
                consumer.Pass(batch);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Most likely PostgreSQL is away. What was claimed before is claimed no more: its lease keeps it from a second hand.
                NotTakenUp(exception, batch.Count);
                await Task.Delay(AfterError, clock, cancellationToken);
            }
        }
    }

    private void Begin(ClaimedPayment payment, ConsumeResult<byte[], PaymentRecord> record)
    {
        _places.Wait(0, CancellationToken.None);
        var task = RunAsync(payment, record);
        _inHand.TryAdd(task, 0);
        _ = task.ContinueWith(ended => _inHand.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task RunAsync(ClaimedPayment payment, ConsumeResult<byte[], PaymentRecord> record)
    {
        try
        {
            await carryOut.RunAsync(payment, record);
        }
        catch (Exception exception)
        {
            NotRecorded(exception, payment.Id, options.Value.Lease);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task PutAsideAsync(List<ConsumeResult<byte[], PaymentRecord>> batch, long[] others, CancellationToken cancellationToken)
    {
        foreach (var record in batch.Where(record => record.Message.Value.Fault is not null))
            await PutAsideAsync(record, DeadLetterReason.Undecodable, record.Message.Value.Fault!, cancellationToken);
        if (others.Length == 0) return;
        var known = await ClaimPayments.KnownAsync(database, others, cancellationToken);
        foreach (var record in batch.Where(record => record.Message.Value.Fault is null && others.Contains(record.Message.Value.PaymentId) && !known.Contains(record.Message.Value.PaymentId)))
            await PutAsideAsync(record, DeadLetterReason.UnknownPayment, $"There is no payment {record.Message.Value.PaymentId}.", cancellationToken);
    }

    private async Task PutAsideAsync(ConsumeResult<byte[], PaymentRecord> record, string reason, string detail, CancellationToken cancellationToken)
    {
        var letter = new DeadRecord(
            record.TopicPartitionOffset, record.Message.Timestamp.UnixTimestampMs, record.Message.Key, record.Message.Value.Body, reason, detail);
        await InsertDeadLetter.RunAsync(database, letter, cancellationToken);
        PutAside(record.TopicPartitionOffset, detail);
        await deadLetters.TrySendAsync(letter, cancellationToken);
    }

    [LoggerMessage(106, LogLevel.Warning, "{Count} records of payments could not be taken up; they are tried again in a second")]
    private partial void NotTakenUp(Exception exception, int count);

    [LoggerMessage(107, LogLevel.Warning, "What came of payment {PaymentId} could not be recorded; within {Lease} it is taken up again, and the bank is asked")]
    private partial void NotRecorded(Exception exception, long paymentId, TimeSpan lease);

    [LoggerMessage(108, LogLevel.Warning, "The record at {Origin} goes to the dead letters: {Fault}")]
    private partial void PutAside(TopicPartitionOffset origin, string fault);

    [LoggerMessage(109, LogLevel.Warning, "Stopped with {Count} payments in hand; they are taken up again within {Lease}")]
    private partial void LeftInHand(int count, TimeSpan lease);
}
