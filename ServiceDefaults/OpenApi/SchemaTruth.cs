using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>Makes schemas say what is really on the wire, where the generator says what the serializer would also take.</summary>
internal static class SchemaTruth
{
    public static Task ApplyAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        // Web defaults read numbers from strings too, which the generator shows as "integer or string"; we write integers.
        if (schema.Type is { } type && type.HasFlag(JsonSchemaType.Integer) && type.HasFlag(JsonSchemaType.String))
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        // A member that is left out when null is not required, and never null.
        foreach (var property in context.JsonTypeInfo.Properties.Where(IsLeftOutWhenNull))
        {
            schema.Required?.Remove(property.Name);
            if (schema.Properties?.TryGetValue(property.Name, out var member) == true && member is OpenApiSchema own) own.Type &= ~JsonSchemaType.Null;
        }

        return Task.CompletedTask;
    }

    /// <summary>The name of a type's schema in the document.</summary>
    public static string? NameOf(JsonTypeInfo type) =>
        type.Type == typeof(ProblemBody) ? nameof(Problem) : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    private static bool IsLeftOutWhenNull(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: false)
            is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];
}
