using Confluent.Kafka;

namespace Processor.Worker.DeadLetters;

/// <summary>The topics of dead letters, each named for the one it serves: <c>payments</c>, <c>payments.dlq</c>.</summary>
internal sealed partial class DeadLetterTopic(IProducer<byte[], byte[]> producer, ILogger<DeadLetterTopic> logger)
{
    private const string Suffix = ".dlq";

    private readonly ILogger _logger = logger;

    /// <summary>Sends it, and waits for the broker.</summary>
    /// <exception cref="KafkaException">The broker has not taken it.</exception>
    public async Task SendAsync(DeadRecord record, CancellationToken cancellationToken)
    {
        var topic = record.Origin.Topic + Suffix;
        try
        {
            await producer.ProduceAsync(topic, record.ToMessage(), cancellationToken);
        }
        catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.MsgSizeTooLarge)
        {
            // As large as the broker takes, and our headers on top: without its body, which the row has.
            await producer.ProduceAsync(topic, record.WithoutBody().ToMessage(), cancellationToken);
        }
    }

    /// <summary>Sends what its row holds already; should the broker be away, the row is all there is.</summary>
    public async Task TrySendAsync(DeadRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(record, cancellationToken);
        }
        catch (KafkaException exception)
        {
            NotSent(exception, record.Origin);
        }
    }

    [LoggerMessage(41, LogLevel.Warning, "The dead letter of {Origin} is in the table dead_letters alone: Kafka did not take it")]
    private partial void NotSent(KafkaException exception, TopicPartitionOffset origin);
}
