using System.Text.Json;
using Confluent.Kafka;
using Contracts;

namespace Processor.Worker.Payments;

/// <summary>The body of a record of <c>payments</c>, or what is wrong with it. Never throws: a consumer that does stays on that record for ever.</summary>
/// <param name="PaymentId">Which payment; 0 when it cannot be read.</param>
/// <param name="Body">Byte for byte, should it become a dead letter: some 40 bytes.</param>
/// <param name="Fault">One sentence; null when it can be read.</param>
internal sealed record PaymentRecord(long PaymentId, byte[]? Body, string? Fault)
{
    public static PaymentRecord Read(ReadOnlySpan<byte> body, bool isNull)
    {
        if (isNull) return new(0, null, "The record has no body.");
        try
        {
            return JsonSerializer.Deserialize(body, MessageJson.Default.PaymentMessage) is { PaymentId: > 0 } message
                ? new(message.PaymentId, body.ToArray(), null)
                : new(0, body.ToArray(), "payment_id must be a whole number greater than 0.");
        }
        catch (JsonException exception)
        {
            return new(0, body.ToArray(), $"The body is no payment message: {exception.Path ?? "$"}, byte {exception.BytePositionInLine}.");
        }
    }

    internal sealed class Deserializer : IDeserializer<PaymentRecord>
    {
        public PaymentRecord Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => Read(data, isNull);
    }
}
