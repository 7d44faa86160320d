using System.Text.Json;
using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>JSON that a caller sent and that is answered as it was sent: numbers keep their zeros, members their order.</summary>
/// <param name="Text">An object or an array, valid JSON.</param>
[JsonConverter(typeof(KeptJsonConverter))]
public readonly record struct KeptJson(string Text);

/// <summary>Writes the text as it is.</summary>
public sealed class KeptJsonConverter : JsonConverter<KeptJson>
{
    /// <inheritdoc />
    public override KeptJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new(document.RootElement.GetRawText());
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, KeptJson value, JsonSerializerOptions options) => writer.WriteRawValue(value.Text);
}
