using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Deploy.Tests;

/// <summary>The compose file, where no engine can read it.</summary>
public sealed partial class ComposeTests
{
    private static string Text => File.ReadAllText(Path.Combine(Published.Folder, "compose/compose.yaml"));

    [Fact]
    public void It_keeps_to_the_Compose_specification()
    {
        // Its own name for its dialect is not the one by which the dialect is known.
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Schemas/compose-spec.json"));
        var schema = JsonSchema.FromText(
            text.Replace("https://json-schema.org/draft-07/schema", "http://json-schema.org/draft-07/schema#", StringComparison.Ordinal));
        var found = schema.Evaluate(JsonSerializer.SerializeToElement(YamlReader.Read(Text)), new() { OutputFormat = OutputFormat.List });
        Assert.True(found.IsValid, string.Join('\n', found.Details!.Where(detail => detail.Errors is not null).SelectMany(detail =>
            detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))));
    }

    [Fact]
    public void Every_variable_that_it_reads_stands_in_the_example_and_no_other()
    {
        var read = Variable().Matches(Text).Select(match => match.Groups[1].Value).Distinct().Order();
        var example = File.ReadAllLines(Path.Combine(Published.Folder, "compose/env.example"))
            .Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split('=')[0]).Order();
        Assert.Equal(read, example);
    }

    [Fact]
    public void No_secret_has_a_value_in_it_and_the_front_door_alone_is_published()
    {
        var services = YamlReader.Read(Text)!["services"]!.AsObject();
        Assert.Equal(["portal"], services.Where(service => service.Value!["ports"] is not null).Select(service => service.Key));
        foreach (var (name, value) in services.SelectMany(service => service.Value!["environment"]!.AsObject()))
        {
            if (((string[])["PASSWORD", "Key", "SECRET"]).Any(word => name.Contains(word, StringComparison.Ordinal)))
                Assert.Matches(@"^\$\{[A-Z_]+:\?\}$", value!.GetValue<string>());
        }
    }

    [GeneratedRegex(@"(?<![$])\$\{([A-Z_]+)[:}]")]
    private static partial Regex Variable();
}
