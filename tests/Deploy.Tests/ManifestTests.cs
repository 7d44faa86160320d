using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Deploy.Tests;

/// <summary>
/// The manifest is what aspirate deploys from. It is held to Aspire's own schema, and to what aspirate 9.1 makes of it: the rules below are read off its source
/// (Aspirate.Processors, Aspirate.Secrets), docs/deployment.md has them in words.
/// </summary>
public sealed partial class ManifestTests(Published published)
{
    /// <summary>The types that it knows; of any other it makes nothing.</summary>
    private static readonly string[] Known = ["project.v0", "project.v1", "container.v0", "container.v1", "parameter.v0", "value.v0", "dockerfile.v0"];

    /// <summary>Variables that begin so go into a Secret, all others into a ConfigMap.</summary>
    private static readonly string[] SecretNames = ["ConnectionString", "POSTGRES_PASSWORD"];

    private JsonObject Resources => JsonNode.Parse(published.Json)!["resources"]!.AsObject();

    [Fact]
    public void It_keeps_to_Aspires_schema()
    {
        var schema = JsonSchema.FromFile(Path.Combine(AppContext.BaseDirectory, "Schemas/aspire-8.0.json"));
        var found = schema.Evaluate(JsonSerializer.SerializeToElement(JsonNode.Parse(published.Json)), new() { OutputFormat = OutputFormat.List });
        Assert.True(found.IsValid, string.Join('\n', found.Details!.Where(detail => detail.Errors is not null).SelectMany(detail =>
            detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))));
    }

    [Fact]
    public void Every_resource_is_of_a_type_that_aspirate_knows() =>
        Assert.All(Resources, resource => Assert.Contains(TypeOf(resource.Value!), Known));

    [Fact]
    public void What_is_secret_has_a_name_of_which_aspirate_makes_a_Secret()
    {
        var secrets = Resources.Where(resource => resource.Value!["inputs"]?["value"]?["secret"]?.GetValue<bool>() == true).Select(resource => resource.Key);
        var tainted = secrets.Select(name => $"{{{name}.").ToList();
        Assert.NotEmpty(tainted);
        foreach (var (resource, name, value) in Variables().Where(variable => tainted.Any(variable.Value.Contains)))
            Assert.True(
                SecretNames.Any(begin => name.StartsWith(begin, StringComparison.Ordinal)), $"{resource}: aspirate would write {name}={value} in plain text");
        Assert.All(Resources.SelectMany(ArgsOf), arg => Assert.DoesNotContain(tainted, arg.Contains));
    }

    [Fact]
    public void Parameters_are_inputs_without_a_value_of_development()
    {
        var parameters = Resources.Where(resource => TypeOf(resource.Value!) == "parameter.v0").ToList();
        Assert.Contains(parameters, parameter => parameter.Key == "admin-key");
        foreach (var (name, parameter) in parameters)
        {
            Assert.Equal($"{{{name}.inputs.value}}", parameter!["value"]!.GetValue<string>());

            // It takes a default for the wish for a random value, whatever the default says.
            var given = parameter["inputs"]!["value"]!["default"];
            Assert.True(given is null || given["generate"] is not null, $"{name}: aspirate would replace the default {given} by a random value");
        }

        Assert.DoesNotContain("change-me", published.Json, StringComparison.Ordinal);
    }

    [Fact]
    public void Expressions_name_what_is_there_in_forms_that_aspirate_resolves()
    {
        var expressions = Variables().Select(variable => variable.Value)
            .Concat(Resources.Select(resource => resource.Value!["connectionString"]?.GetValue<string>() ?? ""))
            .SelectMany(value => Expression().Matches(value).Select(match => match.Groups[1].Value)).Distinct().ToList();
        Assert.NotEmpty(expressions);
        foreach (var expression in expressions)
        {
            Assert.Contains(Resources, resource => expression.StartsWith($"{resource.Key}.", StringComparison.Ordinal));
            Assert.Matches(@"^[a-z0-9-]+[.](value|connectionString|bindings[.](http|tcp|internal)[.](host|port|targetPort|url|scheme))$", expression);
        }
    }

    [Fact]
    public void No_service_is_reached_by_https_of_which_aspirate_makes_nothing() =>
        Assert.DoesNotContain(".bindings.https.", published.Json, StringComparison.Ordinal);

    [Fact]
    public void Kafka_is_not_called_kafka() =>
        // On Kubernetes a Service of that name puts KAFKA_PORT into every pod, with which Kafka's image refuses to start.
        Assert.DoesNotContain(Resources, resource => resource.Key.Contains("kafka", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void Arguments_are_texts_since_aspirate_resolves_nothing_in_them() =>
        Assert.All(Resources.SelectMany(ArgsOf), arg => Assert.DoesNotMatch(Expression(), arg));

    [Fact]
    public void No_service_believes_forwarded_headers_of_anybody() =>
        Assert.DoesNotContain(Variables(), variable => variable.Name == "ASPNETCORE_FORWARDEDHEADERS_ENABLED");

    private IEnumerable<(string Resource, string Name, string Value)> Variables() =>
        from resource in Resources
        from variable in resource.Value!["env"]?.AsObject() ?? []
        select (resource.Key, variable.Key, variable.Value!.GetValue<string>());

    private static IEnumerable<string> ArgsOf(KeyValuePair<string, JsonNode?> resource) =>
        resource.Value!["args"]?.AsArray().Select(arg => arg!.GetValue<string>()) ?? [];

    private static string TypeOf(JsonNode resource) => resource["type"]!.GetValue<string>();

    [GeneratedRegex(@"\{([a-z0-9-]+[.][^{}]+)\}")]
    private static partial Regex Expression();
}
