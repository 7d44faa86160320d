using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Support.Api;

/// <summary>An OpenAPI document as a test reads it: its operations, and a judge of values by its schemas.</summary>
public sealed partial class ApiDocument(JsonObject root)
{
    private const string Schemas = "#/components/schemas/", Definitions = "#/$defs/";

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly Lazy<JsonObject> _open = new(() => DefinitionsOf(root, isClosed: false));
    private readonly ConcurrentDictionary<(string Schema, bool IsClosed), JsonSchema> _judges = [];
    private readonly Lazy<JsonObject> _closed = new(() => DefinitionsOf(root, isClosed: true));

    public JsonObject Root => root;

    /// <summary>Every operation, in the order of the document.</summary>
    public IReadOnlyList<ApiOperation> Operations { get; } =
    [
        .. from path in root["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           select new ApiOperation(path.Key, operation.Key.ToUpperInvariant(), operation.Value!.AsObject()),
    ];

    public static ApiDocument Parse(string text) => new(JsonNode.Parse(text)!.AsObject());

    /// <summary>The operation of that id.</summary>
    public ApiOperation this[string id] => Operations.Single(operation => operation.Id == id);

    /// <summary>What a <c>$ref</c> leads to; the node itself when it is none.</summary>
    public JsonNode Resolve(JsonNode node)
    {
        if (node is not JsonObject { } reference || reference["$ref"]?.GetValue<string>() is not { } pointer) return node;
        return pointer.Split('/')[1..].Aggregate(
            (JsonNode)root, (found, name) => found[name] ?? throw new InvalidOperationException($"{pointer} leads nowhere."));
    }

    /// <summary>What is wrong with a value by a schema; nothing when it is right.</summary>
    /// <param name="schema">A schema of this document, or a reference to one.</param>
    /// <param name="value">The value.</param>
    /// <param name="isClosed">True: a member that the schema does not name is wrong too.</param>
    public IReadOnlyList<string> Faults(JsonNode schema, JsonNode? value, bool isClosed)
    {
        var judge = _judges.GetOrAdd((schema.ToJsonString(), isClosed), _ => JudgeOf(schema, isClosed));
        var found = judge.Evaluate(System.Text.Json.JsonSerializer.SerializeToElement(value), Options);
        if (found.IsValid) return [];
        return [.. (found.Details ?? []).Where(detail => detail.Errors is { Count: > 0 })
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}")).DefaultIfEmpty("is not valid")];
    }

    // Made once for a schema, with the definitions that it reaches alone: for each answer, and with all definitions of the document, it was 2 GB and a minute
    // of a processor.
    private JsonSchema JudgeOf(JsonNode schema, bool isClosed)
    {
        var (local, all) = (Localized(schema, isClosed), (isClosed ? _closed : _open).Value);
        var reached = new JsonObject();
        var open = new Queue<JsonNode>([local]);
        while (open.TryDequeue(out var next))
        {
            foreach (var name in Reference().Matches(next.ToJsonString()).Select(match => match.Groups[1].Value).Where(name => !reached.ContainsKey(name)))
            {
                reached[name] = all[name]!.DeepClone();
                open.Enqueue(reached[name]!);
            }
        }

        var whole = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$defs"] = reached,
            ["allOf"] = new JsonArray(local),
        };
        return JsonSchema.FromText(whole.ToJsonString());
    }

    [GeneratedRegex("\"#/\\$defs/([^\"/]+)")]
    private static partial Regex Reference();

    private static JsonObject DefinitionsOf(JsonObject root, bool isClosed) =>
        new(root["components"]!["schemas"]!.AsObject().Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)Localized(schema.Value!, isClosed))));

    // References point into $defs, and an object with named members takes no others when it is closed.
    private static JsonNode Localized(JsonNode schema, bool isClosed)
    {
        var local = JsonNode.Parse(schema.ToJsonString().Replace(Schemas, Definitions, StringComparison.Ordinal))!;
        if (isClosed) Close(local);
        return local;
    }

    private static void Close(JsonNode? node)
    {
        if (node is JsonArray items) foreach (var item in items) Close(item);
        if (node is not JsonObject schema) return;
        foreach (var (_, child) in schema.ToArray()) Close(child);
        if (schema["properties"] is JsonObject { Count: > 0 } && schema["type"] is not null) schema.TryAdd("additionalProperties", false);
    }
}

/// <summary>One operation.</summary>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Method">In upper case.</param>
/// <param name="Node">All of it.</param>
public sealed record ApiOperation(string Path, string Method, JsonObject Node)
{
    /// <summary>Its operationId.</summary>
    public string Id => Node["operationId"]!.GetValue<string>();

    /// <summary>Status -> response, <c>default</c> left out.</summary>
    public IEnumerable<KeyValuePair<string, JsonNode>> Responses =>
        Node["responses"]!.AsObject().Where(response => response.Key != "default").Select(response => KeyValuePair.Create(response.Key, response.Value!));

    /// <summary>The schema of the JSON body that it takes; null without one.</summary>
    public JsonNode? BodySchema => Node["requestBody"]?["content"]?["application/json"]?["schema"];

    /// <summary>The ways to show a credential, each a scheme's name; "" stands for none, no way at all for an open operation.</summary>
    public IEnumerable<string> Security =>
        (Node["security"]?.AsArray() ?? []).Select(way => way!.AsObject().Select(scheme => scheme.Key).FirstOrDefault() ?? "");

    public override string ToString() => Id;
}
