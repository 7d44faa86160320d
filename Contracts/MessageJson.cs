using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>Source-generated JSON of everything that crosses a process border through Kafka. snake_case.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TransactionMessage))]
[JsonSerializable(typeof(PaymentMessage))]
[JsonSerializable(typeof(ChargeMessage))]
[JsonSerializable(typeof(DeliveryMessage))]
public sealed partial class MessageJson : JsonSerializerContext;
