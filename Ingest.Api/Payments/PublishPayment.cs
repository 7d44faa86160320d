using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Data.Payments;

namespace Ingest.Api.Payments;

/// <summary>
/// Sends a committed payment to Kafka, keyed by its user, and does not wait: the row is its own outbox, and the relay publishes what the broker does not take
/// at the row's next_publish_at.
/// </summary>
internal sealed partial class PublishPayment(IProducer<string, byte[]> producer, ILogger<PublishPayment> logger)
{
    private static readonly byte[] Due = Encoding.UTF8.GetBytes(EventTypes.PaymentDue);

    private readonly ILogger _logger = logger;

    public void Publish(PaymentReply payment)
    {
        var message = new Message<string, byte[]>
        {
            Key = payment.UserId.ToString(CultureInfo.InvariantCulture),
            Value = JsonSerializer.SerializeToUtf8Bytes(new PaymentMessage(payment.Id, payment.UserId), MessageJson.Default.PaymentMessage),
            Headers = new Headers { { MessageHeaders.EventType, Due } },
        };
        if (Activity.Current?.Id is { } traceParent) message.Headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));
        try
        {
            producer.Produce(Topics.Payments, message, report =>
            {
                if (report.Error.IsError) NotDelivered(payment.Id, report.Error.Reason);
            });
        }
        catch (Exception exception)
        {
            // Most likely librdkafka's queue is full. Whatever it is, the payment is committed, and the caller gets its 202.
            NotDelivered(payment.Id, exception.Message);
        }
    }

    [LoggerMessage(70, LogLevel.Warning, "Kafka did not take the record of payment {PaymentId}: {Reason}. The relay publishes it within seconds")]
    private partial void NotDelivered(long paymentId, string reason);
}
