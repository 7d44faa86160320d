using System.Threading.Channels;
using Confluent.Kafka;
using Contracts;
using Microsoft.Extensions.Options;

namespace Processor.Worker.Payments;

/// <summary>
/// Reads the topic <c>payments</c>, on a thread of its own, since librdkafka blocks. Roles: the workers share the partitions as a group of their own.
/// Guarantee: an offset is committed after the record's payment has been claimed (<see cref="TakeUpPayments"/>), whose row then brings it back.
/// Dies at any step: what was not claimed is read again by whoever gets the partition; what was claimed comes back when its lease ends.
/// Kafka away: librdkafka reconnects; payments go on by their dates as soon as the relay can publish. PostgreSQL away: nothing can be claimed, so
/// the partitions are paused once enough waits, and the worker stays in its group.
/// </summary>
internal sealed partial class ConsumePayments(IConsumer<byte[], PaymentRecord> consumer, IOptions<BankOptions> bank, ILogger<ConsumePayments> logger) : BackgroundService
{
    /// <summary>Records read and not taken up; each is small, and more would only make a rebalance's repetition longer.</summary>
    private const int MaxWaiting = 1_000;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    // Not for a single reader: that one cannot count.
    private readonly Channel<ConsumeResult<byte[], PaymentRecord>> _records = Channel.CreateUnbounded<ConsumeResult<byte[], PaymentRecord>>();

    private readonly ILogger _logger = logger;
    private bool _isPaused;

    /// <summary>What was read, in the order of each partition.</summary>
    public ChannelReader<ConsumeResult<byte[], PaymentRecord>> Records => _records.Reader;

    /// <summary>Everything up to these records may be passed.</summary>
    public void Pass(IReadOnlyList<ConsumeResult<byte[], PaymentRecord>> records)
    {
        foreach (var record in records)
        {
            try
            {
                consumer.StoreOffset(record);
            }
            catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
            {
                // The partition was taken away a moment ago; its next owner reads the record again and finds nothing to claim.
            }
        }
    }

    /// <summary>
    /// Waits for the thread even when the host's patience is at its end: the consumer is disposed of next, and librdkafka called after that hangs, or ends the process.
    /// </summary>
    public override void Dispose()
    {
        base.Dispose(); // Tells it to stop.
        if (ExecuteTask is { } reading) Task.WaitAny(reading);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (bank.Value.Url is not null)
            return Task.Factory.StartNew(() => Consume(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        NoBank();
        return Task.CompletedTask;
    }

    private void Consume(CancellationToken stoppingToken)
    {
        consumer.Subscribe(Topics.Payments);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (consumer.Consume(Poll) is { Message: not null } record) _records.Writer.TryWrite(record);
                PauseOrResume();
            }
            catch (KafkaException exception) when (!exception.Error.IsFatal)
            {
                Trouble(exception);
                stoppingToken.WaitHandle.WaitOne(AfterError);
            }
        }

        try
        {
            consumer.Close();
        }
        catch (KafkaException exception)
        {
            NotClosed(exception);
        }
    }

    // A partition that comes while others are paused is read on: at most as much again waits then.
    private void PauseOrResume()
    {
        if (!_isPaused && _records.Reader.Count > MaxWaiting) consumer.Pause(consumer.Assignment);
        else if (_isPaused && _records.Reader.Count == 0) consumer.Resume(consumer.Assignment);
        else return;
        _isPaused = !_isPaused;
    }

    [LoggerMessage(100, LogLevel.Information, "There is no bank, so payments stay pending: set Bank__Url to carry them out")]
    private partial void NoBank();

    [LoggerMessage(101, LogLevel.Warning, "Kafka trouble with payments; reading goes on in a second")]
    private partial void Trouble(KafkaException exception);

    [LoggerMessage(102, LogLevel.Warning, "The consumer of payments could not leave its group in order; its partitions go to another worker after the session time-out")]
    private partial void NotClosed(KafkaException exception);
}
