using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;

namespace Ingest.Api.Charges;

/// <summary>
/// Sends a committed Stripe request to Kafka, keyed by its customer, and does not wait: the row is its own outbox, and the relay publishes what the broker does
/// not take. By the producer that sends at once: the caller waits for the outcome.
/// </summary>
internal sealed partial class PublishCharge(IProducer<byte[], byte[]> producer, ILogger<PublishCharge> logger)
{
    private static readonly byte[] Due = Encoding.UTF8.GetBytes(EventTypes.ChargeDue);

    private readonly ILogger _logger = logger;

    /// <summary>Publishes it.</summary>
    /// <param name="requestId">The row of <c>stripe_requests</c>.</param>
    /// <param name="customerId">The record's key.</param>
    public void Publish(Guid requestId, string customerId)
    {
        var message = new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(customerId),
            Value = JsonSerializer.SerializeToUtf8Bytes(new ChargeMessage(requestId, customerId), MessageJson.Default.ChargeMessage),
            Headers = new Headers { { MessageHeaders.EventType, Due } },
        };
        if (Activity.Current?.Id is { } traceParent) message.Headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));
        try
        {
            producer.Produce(Topics.Charges, message, report =>
            {
                if (report.Error.IsError) NotDelivered(requestId, report.Error.Reason);
            });
        }
        catch (Exception exception)
        {
            // Most likely librdkafka's queue is full. Whatever it is, the row is committed.
            NotDelivered(requestId, exception.Message);
        }
    }

    [LoggerMessage(75, LogLevel.Warning, "Kafka did not take the record of Stripe request {RequestId}: {Reason}. The relay publishes it within seconds")]
    private partial void NotDelivered(Guid requestId, string reason);
}
