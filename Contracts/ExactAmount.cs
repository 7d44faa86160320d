using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>
/// An amount that is answered as a JSON number with its currency's own decimals: <c>100.00</c> USD, <c>100</c> JPY, <c>100.000</c> KWD. A decimal keeps its
/// zeros, so the number is written as people write it, and never as a double.
/// </summary>
/// <param name="Value">The amount; its scale is the number of decimals.</param>
[JsonConverter(typeof(ExactAmountConverter))]
public readonly record struct ExactAmount(decimal Value)
{
    /// <summary>With the currency's own number of decimals, as <see cref="Currency.Format"/> writes it.</summary>
    public static ExactAmount Of(decimal amount, string currencyCode) =>
        new(decimal.Parse(Currency.Format(amount, currencyCode), CultureInfo.InvariantCulture));
}

/// <summary>Writes and reads the number.</summary>
public sealed class ExactAmountConverter : JsonConverter<ExactAmount>
{
    /// <inheritdoc />
    public override ExactAmount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetDecimal());

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, ExactAmount value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}
