using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Processor.Worker.Work;

namespace Processor.Worker.Charges;

/// <summary>Decodes a record of <c>charges</c>, or says what is wrong with it. It never throws: a consumer would stay at that record.</summary>
internal sealed class ChargeRecord : IDeserializer<WorkRecord<Guid, ClaimedStripeRequest>>
{
    public static WorkRecord<Guid, ClaimedStripeRequest> Read(ReadOnlySpan<byte> body, bool isNull)
    {
        if (isNull) return new(Guid.Empty, null, "The record has no body.");
        try
        {
            return JsonSerializer.Deserialize(body, MessageJson.Default.ChargeMessage) is { StripeRequestId: var id } && id != Guid.Empty
                ? new(id, body.ToArray(), null)
                : new(Guid.Empty, body.ToArray(), "stripe_request_id must be a UUID.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a surrogate pair. The message quotes the body's own member names.
            return new(Guid.Empty, body.ToArray(), StoredText.Clean($"The body is not a charge message: {exception.Message}")!);
        }
    }

    public WorkRecord<Guid, ClaimedStripeRequest> Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => Read(data, isNull);
}
