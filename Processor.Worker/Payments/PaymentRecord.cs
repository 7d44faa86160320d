using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Processor.Worker.Work;

namespace Processor.Worker.Payments;

/// <summary>Decodes a record of <c>payments</c>, or says what is wrong with it. It never throws: a consumer would stay at that record.</summary>
internal sealed class PaymentRecord : IDeserializer<WorkRecord<long, ClaimedPayment>>
{
    public static WorkRecord<long, ClaimedPayment> Read(ReadOnlySpan<byte> body, bool isNull)
    {
        if (isNull) return new(0, null, "The record has no body.");
        try
        {
            return JsonSerializer.Deserialize(body, MessageJson.Default.PaymentMessage) is { PaymentId: > 0 } message
                ? new(message.PaymentId, body.ToArray(), null)
                : new(0, body.ToArray(), "payment_id must be a whole number greater than 0.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a surrogate pair. The message quotes the body's own member names.
            return new(0, body.ToArray(), StoredText.Clean($"The body is not a payment message: {exception.Message}")!);
        }
    }

    public WorkRecord<long, ClaimedPayment> Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => Read(data, isNull);
}
