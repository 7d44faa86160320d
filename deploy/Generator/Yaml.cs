using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Deploy;

/// <summary>JSON as YAML in block style, for people to read. A text that YAML could take for something else is written as JSON, which is YAML too.</summary>
public static partial class Yaml
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a document.</summary>
    public static string Write(JsonObject document)
    {
        var text = new StringBuilder();
        Append(text, document, indent: 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonObject members, int indent)
    {
        foreach (var (name, value) in members)
        {
            text.Append(' ', indent).Append(Scalar(JsonValue.Create(name))).Append(':');
            AppendValue(text, value, indent);
        }
    }

    private static void AppendValue(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } members:
                Append(text.Append('\n'), members, indent + 2);
                break;
            case JsonArray { Count: > 0 } items:
                text.Append('\n');
                foreach (var item in items) text.Append(' ', indent + 2).Append("- ").Append(Scalar(item)).Append('\n');
                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private static string Scalar(JsonNode? value) => value switch
    {
        JsonValue scalar when scalar.TryGetValue(out string? word) && Plain().IsMatch(word) && !Ambiguous().IsMatch(word) => word,
        null => "null",
        _ => value.ToJsonString(Quoted),
    };

    [GeneratedRegex("^[A-Za-z/._][A-Za-z0-9_./-]*$")]
    private static partial Regex Plain();

    [GeneratedRegex("^(true|false|yes|no|on|off|y|n|null|\\.inf|\\.nan|[.]*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Ambiguous();
}
