using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Contracts;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ServiceDefaults.OpenApi;

/// <summary>Corrects schemas where the generator describes what the serializer would accept instead of what the service takes and sends.</summary>
internal static class SchemaCorrections
{
    /// <summary>
    /// An amount in a request as a decimal string: more than 0, at most 15 digits before the point and 4 behind it; zeros at either end do not count.
    /// </summary>
    private const string AmountPattern = @"^(?=.*[1-9])0*[0-9]{1,15}(\.[0-9]{1,4}0*)?$";

    public static Task ApplyAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (IsAmount(type)) DescribeAmount(schema);
        else if (type == typeof(ExactAmount)) DescribeExactAmount(schema, context.JsonPropertyInfo);
        else if (Is<KeptJson>(type)) DescribeKeptJson(schema, context);
        else if (IsTime(type)) schema.Type = JsonSchemaType.String | (Nullable.GetUnderlyingType(type) is null ? 0 : JsonSchemaType.Null);
        else if (IsJson(type)) DescribeRecordBody(schema, context.JsonPropertyInfo);
        else TakeNoNumbersFromStrings(schema);

        // A member that is omitted when null is not required, and never null.
        foreach (var property in context.JsonTypeInfo.Properties.Where(IsLeftOutWhenNull))
        {
            schema.Required?.Remove(property.Name);
            if (schema.Properties?.TryGetValue(property.Name, out var member) == true && member is OpenApiSchema own) own.Type &= ~JsonSchemaType.Null;
        }

        var allowed = context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false);
        if (allowed is [AllowedValuesAttribute values])
        {
            JsonNode[] alsoNull = schema.Type?.HasFlag(JsonSchemaType.Null) == true ? [JsonNullSentinel.JsonNull] : [];
            schema.Enum = [.. values.Values.Select(value => (JsonNode)$"{value}"), .. alsoNull];
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// The name of a type's schema: what <see cref="DisplayNameAttribute"/> says, and of a page of things the thing's with <c>Page</c>. Clients that are
    /// generated from the document name their classes so.
    /// </summary>
    public static string? NameOf(JsonTypeInfo type) =>
        type.Type == typeof(ExactAmount) || Is<KeptJson>(type.Type) || type.Type == typeof(JsonObject) ? null // Described where it stands.
        : type.Type.GetCustomAttribute<DisplayNameAttribute>() is not { DisplayName: var name } ? OpenApiOptions.CreateDefaultSchemaReferenceId(type)
        : type.Type.GenericTypeArguments is [var item] && item.GetCustomAttribute<DisplayNameAttribute>() is { DisplayName: var of } ? of + name
        : name;

    private static bool IsAmount(Type type) => type == typeof(decimal) || type == typeof(decimal?);

    /// <summary>The generator does not know what a converter of ours writes (Contracts' WireJson).</summary>
    private static bool IsTime(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var one && (one == typeof(DateTime) || one == typeof(DateTimeOffset));

    private static bool IsJson(Type type) => Is<JsonElement>(type);

    private static bool Is<T>(Type type) => (Nullable.GetUnderlyingType(type) ?? type) == typeof(T);

    /// <summary>An answered amount: a number that is written exactly.</summary>
    private static void DescribeExactAmount(OpenApiSchema schema, JsonPropertyInfo? member)
    {
        (schema.Type, schema.Format) = (JsonSchemaType.Number, "decimal");
        TakeDescription(schema, member);
    }

    /// <summary>JSON that is answered as it was sent.</summary>
    private static void DescribeKeptJson(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var anything = new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = true };
        var isNullable = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) is not null;
        schema.Type = null;
        schema.OneOf = [anything, new OpenApiSchema { Type = JsonSchemaType.Array, Items = anything }];
        if (isNullable) schema.OneOf.Add(new OpenApiSchema { Type = JsonSchemaType.Null });
        TakeDescription(schema, context.JsonPropertyInfo);
    }

    /// <summary>The only JSON of any form that is taken: a record's body, an object or text.</summary>
    private static void DescribeRecordBody(OpenApiSchema schema, JsonPropertyInfo? member)
    {
        schema.OneOf =
        [
            new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = true },
            new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1 },
        ];
        TakeDescription(schema, member);
    }

    private static void TakeDescription(OpenApiSchema schema, JsonPropertyInfo? member)
    {
        if (member?.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false) is [DescriptionAttribute text])
            schema.Description = text.Description;
    }

    /// <summary>A number or a decimal string. <c>decimal</c> is OpenAPI's own format of the kind (its format registry); a double would round.</summary>
    private static void DescribeAmount(OpenApiSchema schema)
    {
        (schema.Type, schema.Format, schema.Pattern) = (JsonSchemaType.Number | JsonSchemaType.String, "decimal", AmountPattern);
        (schema.ExclusiveMinimum, schema.ExclusiveMaximum) = ("0", "1000000000000000");
    }

    /// <summary>The web defaults also read numbers from strings, which the generator shows as "integer or string"; the services write numbers.</summary>
    private static void TakeNoNumbersFromStrings(OpenApiSchema schema)
    {
        if (schema.Type is not { } type || !type.HasFlag(JsonSchemaType.String)) return;
        if (!type.HasFlag(JsonSchemaType.Integer) && !type.HasFlag(JsonSchemaType.Number)) return;
        (schema.Type, schema.Pattern) = (type & ~JsonSchemaType.String, null);
    }

    private static bool IsLeftOutWhenNull(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: false)
            is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];
}
