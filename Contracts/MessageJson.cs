using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>Source-generated JSON of everything that crosses a process border through Kafka. snake_case.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TransactionMessage))]
[JsonSerializable(typeof(PaymentMessage))]
public sealed partial class MessageJson : JsonSerializerContext;
