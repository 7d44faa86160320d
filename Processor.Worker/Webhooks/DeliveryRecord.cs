using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Processor.Worker.Work;

namespace Processor.Worker.Webhooks;

/// <summary>Decodes a record of <c>deliveries</c>, or says what is wrong with it. It never throws: a consumer would stay at that record.</summary>
internal sealed class DeliveryRecord : IDeserializer<WorkRecord<Guid, EndpointTurn>>
{
    public static WorkRecord<Guid, EndpointTurn> Read(ReadOnlySpan<byte> body, bool isNull)
    {
        if (isNull) return new(Guid.Empty, null, "The record has no body.");
        try
        {
            return JsonSerializer.Deserialize(body, MessageJson.Default.DeliveryMessage) is { EndpointId: var id } && id != Guid.Empty
                ? new(id, body.ToArray(), null)
                : new(Guid.Empty, body.ToArray(), "endpoint_id must be a UUID.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a surrogate pair. The message quotes the body's own member names.
            return new(Guid.Empty, body.ToArray(), StoredText.Clean($"The body is not a delivery message: {exception.Message}")!);
        }
    }

    public WorkRecord<Guid, EndpointTurn> Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => Read(data, isNull);
}
