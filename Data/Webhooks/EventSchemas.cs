using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Contracts;
using Data.Charges;
using Data.Installments;
using Data.Payments;
using Data.Transactions;

namespace Data.Webhooks;

/// <summary>
/// JSON Schemas (draft 2020-12) of payloads, for receivers that check what they get or generate types from it. They come from the reply records that write the
/// data, so a member that a record gets is in its schema. They are closed: every member is named, and there is no other.
/// </summary>
public static class EventSchemas
{
    private const string Draft = "https://json-schema.org/draft/2020-12/schema";

    private static readonly JsonSchemaExporterOptions Exported = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Correct };

    /// <summary>The schema of an event's payload, in the style <see cref="PayloadStyle.Envelope"/>. Made anew at each call, in a millisecond.</summary>
    /// <param name="type">One of <see cref="WebhookEvents.All"/>.</param>
    public static JsonObject Of(string type) => new()
    {
        ["$schema"] = Draft,
        ["title"] = type,
        ["description"] = EventCatalog.Find(type).Description,
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["id"] = Text("The event's id, the same at every attempt.", "pattern", EventBody.IdPattern),
            ["type"] = new JsonObject { ["const"] = type, ["description"] = "What happened." },
            ["timestamp"] = Text("When it happened, UTC.", "format", "date-time"),
            ["sequence"] = new JsonObject
            {
                ["type"] = "integer",
                ["description"] = "Rises from each event of a resource to its next: drop an event whose sequence is lower than the last one's.",
            },
            ["data"] = DataOf(type),
        },
        ["required"] = new JsonArray("id", "type", "timestamp", "sequence", "data"),
        ["additionalProperties"] = false,
    };

    private static JsonNode DataOf(string type) => RecordOf(type).GetJsonSchemaAsNode(Exported);

    private static JsonTypeInfo RecordOf(string type) => type[..type.IndexOf('.', StringComparison.Ordinal)] switch
    {
        "transaction" => TransactionReplyJson.Wire.TransactionReply,
        "payment" => PaymentJson.Wire.PaymentReply,
        "charge" => ChargeJson.Wire.ChargeReply,
        "installment" => InstallmentJson.Wire.InstallmentReply,
        "order" => InstallmentJson.Wire.OrderReply,
        "operations" => NoticeJson.Wire.NoticeReply,
        var other => throw new ArgumentException($"No record is known for events of {other}: add it here.", nameof(type)),
    };

    private static JsonObject Text(string description, string rule, string value) =>
        new() { ["type"] = "string", [rule] = value, ["description"] = description };

    /// <summary>Says what converters of ours write, which the exporter cannot know, and what the members' attributes say.</summary>
    private static JsonNode Correct(JsonSchemaExporterContext context, JsonNode exported)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        var schema = Written(type) ?? exported as JsonObject ?? [];
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && Written(type) is null) Close(schema, context.TypeInfo);
        if (context.PropertyInfo is { } member) Describe(schema, member);
        return schema;
    }

    /// <summary>What a converter writes; null for a type without one of ours.</summary>
    private static JsonObject? Written(Type type) =>
        type == typeof(ExactAmount) ? new() { ["type"] = "number" }
        : type == typeof(KeptJson) ? new() { ["type"] = new JsonArray("object", "array") }
        : type == typeof(DateTime) || type == typeof(DateTimeOffset) ? new() { ["type"] = "string", ["format"] = "date-time" }
        : null;

    private static void Close(JsonObject schema, JsonTypeInfo type)
    {
        schema["required"] = new JsonArray([.. type.Properties.Where(member => !IsLeftOutWhenNull(member)).Select(member => (JsonNode)member.Name)]);
        schema["additionalProperties"] = false;
    }

    private static void Describe(JsonObject schema, JsonPropertyInfo member)
    {
        var isNullable = member.IsGetNullable && !IsLeftOutWhenNull(member);
        if (schema["type"] is { } type) schema["type"] = TypeOf(type, isNullable);
        if (Attribute<AllowedValuesAttribute>(member) is { } allowed)
        {
            JsonNode?[] alsoNull = isNullable ? [null] : [];
            schema["enum"] = new JsonArray([.. allowed.Values.Select(value => (JsonNode)$"{value}"), .. alsoNull]);
        }

        if (Attribute<RegularExpressionAttribute>(member) is { } pattern) schema["pattern"] = pattern.Pattern;
        if (Attribute<MaxLengthAttribute>(member) is { } longest) schema["maxLength"] = longest.Length;
        if (Attribute<DescriptionAttribute>(member) is { } description) schema["description"] = description.Description;
    }

    private static JsonNode TypeOf(JsonNode type, bool isNullable)
    {
        var names = (type is JsonArray several ? several.Select(name => name!.GetValue<string>()) : [type.GetValue<string>()]).Where(name => name != "null");
        string[] types = [.. names, .. (string[])(isNullable ? ["null"] : [])];
        return types is [var one] ? one : new JsonArray([.. types.Select(name => (JsonNode)name)]);
    }

    private static bool IsLeftOutWhenNull(JsonPropertyInfo member) =>
        Attribute<JsonIgnoreAttribute>(member) is { Condition: JsonIgnoreCondition.WhenWritingNull };

    private static T? Attribute<T>(JsonPropertyInfo member) where T : Attribute =>
        member.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: false) is [T attribute] ? attribute : null;
}
