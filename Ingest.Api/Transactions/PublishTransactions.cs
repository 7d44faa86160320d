using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;

namespace Ingest.Api.Transactions;

/// <summary>
/// Sends a committed transaction to Kafka, and does not wait: the row is its own outbox. What the broker does not acknowledge goes to
/// <see cref="UndeliveredRecords"/>, which hands its row to the relay.
/// </summary>
internal sealed class PublishTransactions(IProducer<string, byte[]> producer, UndeliveredRecords undelivered)
{
    private static readonly byte[] Accepted = Encoding.UTF8.GetBytes(EventTypes.TransactionAccepted);

    public void Publish(Submission submission, DateTime createdAt)
    {
        var content = submission.Content;
        using var span = AcceptMetrics.StartSend(submission);
        var message = new Message<string, byte[]>
        {
            Key = content.TransactionId,
            Value = JsonSerializer.SerializeToUtf8Bytes(
                new TransactionMessage(
                    content.TransactionId, content.SourceAccount, content.DestinationAccount, content.Amount, content.Currency, createdAt),
                MessageJson.Default.TransactionMessage),
            Timestamp = new Timestamp(createdAt, TimestampType.CreateTime),
            Headers = new Headers { { MessageHeaders.EventType, Accepted } },
        };
        if ((span?.Id ?? submission.TraceParent) is { } traceParent) message.Headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));

        try
        {
            producer.Produce(Topics.Transactions, message, Delivered);
        }
        catch (Exception exception)
        {
            // Most likely librdkafka's own queue is full, because the broker has been away for long. Whatever it is, it is not the senders'
            // concern: the row is committed, and those of its neighbours too.
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            undelivered.Add(content.TransactionId, exception.Message);
        }
    }

    private void Delivered(DeliveryReport<string, byte[]> report)
    {
        if (report.Error.IsError) undelivered.Add(report.Key, report.Error.Reason);
    }
}
