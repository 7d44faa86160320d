using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;

namespace AppHost.Tests.Api;

/// <summary>
/// Puts the parts of the API's document together: what each running service says of its own operations. The front door's part has the title, the tags and the
/// text; the others add paths and what these refer to. What two parts both have must be the same.
/// </summary>
internal static class Parts
{
    private static readonly (string Service, string Document)[] All =
        [("portal", "portal"), ("ingest-api", "ingest"), ("query-api", "query"), ("processor-worker", "worker")];

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task<string> PutTogetherAsync(RunningSystem system, CancellationToken cancellationToken)
    {
        JsonObject? whole = null;
        foreach (var (service, document) in All)
        {
            using var client = system.App.CreateHttpClient(service, "http");
            var part = JsonNode.Parse(await client.GetStringAsync($"/openapi/{document}.json", cancellationToken))!.AsObject();
            if (whole is null) whole = part;
            else Add(whole, part);
        }

        return Sorted(whole!).ToJsonString(Indented) + "\n";
    }

    private static void Add(JsonObject whole, JsonObject part)
    {
        foreach (var (path, operations) in part["paths"]!.AsObject()) AddAll(Child(whole["paths"]!.AsObject(), path), operations!.AsObject());
        foreach (var (kind, components) in part["components"]!.AsObject()) AddAll(Child(whole["components"]!.AsObject(), kind), components!.AsObject());
    }

    private static void AddAll(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            if (!target.TryGetPropertyValue(name, out var known)) target[name] = value!.DeepClone();
            else if (!JsonNode.DeepEquals(known, value)) throw new InvalidOperationException($"Two services say different things of {name}:\n{known}\n{value}");
        }
    }

    private static JsonObject Child(JsonObject parent, string name) => (JsonObject)(parent[name] ??= new JsonObject());

    /// <summary>Paths and components by name, so that the order in which services and generators come to them makes no difference.</summary>
    private static JsonObject Sorted(JsonObject whole)
    {
        whole["paths"] = ByName(whole["paths"]!.AsObject());
        foreach (var (kind, components) in whole["components"]!.AsObject().ToArray()) whole["components"]![kind] = ByName(components!.AsObject());
        return whole;
    }

    private static JsonObject ByName(JsonObject members) =>
        new(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
}
