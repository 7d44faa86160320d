using Confluent.Kafka;

namespace Processor.Worker.DeadLetters;

/// <summary>The topics of dead letters, each named for the one it serves: <c>payments</c>, <c>payments.dlq</c>.</summary>
internal sealed partial class DeadLetterTopic(IProducer<byte[], byte[]> producer, TimeProvider clock, ILogger<DeadLetterTopic> logger)
{
    private const string Suffix = ".dlq";

    /// <summary>The row has the letter already, so its copy in the topic must not hold up work for long.</summary>
    private const int MaxAttempts = 3;

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;

    /// <summary>Sends a letter whose row is written and waits for the broker's acknowledgement; after 3 attempts the row alone has it.</summary>
    public async Task TrySendAsync(DeadRecord letter, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await SendAsync(letter, cancellationToken);
                return;
            }
            catch (KafkaException exception) when (attempt == MaxAttempts)
            {
                NotSent(exception, letter.Origin.ToString());
                return;
            }
            catch (KafkaException)
            {
                await Task.Delay(AfterError, clock, cancellationToken);
            }
        }
    }

    private async Task SendAsync(DeadRecord letter, CancellationToken cancellationToken)
    {
        var topic = letter.Origin.Topic + Suffix;
        try
        {
            await producer.ProduceAsync(topic, letter.ToMessage(), cancellationToken);
        }
        catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.MsgSizeTooLarge)
        {
            // The record was as large as the broker takes, and our headers come on top: it is sent without its body, which the row has.
            await producer.ProduceAsync(topic, letter.WithoutBody().ToMessage(), cancellationToken);
        }
    }

    [LoggerMessage(41, LogLevel.Warning, "The dead letter of {Origin} is only in the table dead_letters: Kafka did not accept it")]
    private partial void NotSent(KafkaException exception, string origin);
}
