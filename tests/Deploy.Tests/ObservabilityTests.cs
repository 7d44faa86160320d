using System.Text.Json;
using System.Text.RegularExpressions;

namespace Deploy.Tests;

/// <summary>Alerts and the dashboard ask for metrics that the code exports, by the names that the collector gives them.</summary>
public sealed partial class ObservabilityTests
{
    private static readonly string Folder = Path.Combine(Published.Folder, "observability");

    /// <summary>Of ASP.NET Core.</summary>
    private static readonly string[] NotOurs = ["http_server_request_duration_seconds_count"];

    [Theory, InlineData("alerts.yaml"), InlineData("dashboard.json"), InlineData("alerts.test.yaml")]
    public void Every_metric_that_is_asked_for_is_exported(string file)
    {
        var exported = Exported();
        Assert.True(exported.Count > 40, string.Join('\n', exported));
        var asked = Asked().Matches(File.ReadAllText(Path.Combine(Folder, file))).Select(match => match.Value).Distinct().ToList();
        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.True(
            NotOurs.Contains(name) || exported.Any(pattern => Regex.IsMatch(name, $"^{pattern}$")), $"{file} asks for {name}, which no code exports"));
    }

    [Fact]
    public void Every_alert_says_what_is_wrong_how_bad_it_is_and_where_to_look()
    {
        var rules = YamlReader.Read(File.ReadAllText(Path.Combine(Folder, "alerts.yaml")))!["groups"]![0]!["rules"]!.AsArray();
        Assert.True(rules.Count > 10);
        Assert.All(rules, rule =>
        {
            Assert.Contains(rule!["labels"]!["severity"]!.GetValue<string>(), (string[])["page", "ticket"]);
            Assert.NotEmpty(rule["annotations"]!["summary"]!.GetValue<string>());
            Assert.NotEmpty(rule["annotations"]!["description"]!.GetValue<string>());
        });
    }

    [Fact]
    public void The_dashboard_has_a_query_in_every_panel_and_no_two_in_one_place()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "dashboard.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        var charts = panels.Where(panel => panel.GetProperty("type").GetString() != "row");
        Assert.All(charts, panel => Assert.NotEqual(0, panel.GetProperty("targets").GetArrayLength()));
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("gridPos").GetRawText()).Distinct().Count());
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
    }

    [Fact]
    public void The_collectors_pipelines_are_made_of_what_it_configures()
    {
        foreach (var file in new[] { "otel-collector.yaml", "prometheus.yaml" }) Assert.NotNull(YamlReader.Read(File.ReadAllText(Path.Combine(Folder, file))));
        var collector = YamlReader.Read(File.ReadAllText(Path.Combine(Folder, "otel-collector.yaml")))!;
        foreach (var (_, pipeline) in collector["service"]!["pipelines"]!.AsObject())
        {
            foreach (var part in new[] { "receivers", "processors", "exporters" })
                Assert.All(pipeline![part]!.AsArray(), name => Assert.True(collector[part]![name!.GetValue<string>()] is not null, $"{part}: {name}"));
        }
    }

    /// <summary>Names as patterns: the one with a table's name in it is many.</summary>
    private static List<string> Exported()
    {
        var services = new[] { "Ingest.Api", "Query.Api", "Processor.Worker", "Portal.Web", "ServiceDefaults", "Data" };
        var sources = services.Select(service => Path.Combine(Published.Root, service))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories));
        return [.. sources.SelectMany(file => Created().Matches(File.ReadAllText(file))).SelectMany(PrometheusNamesOf).Distinct()];
    }

    // aspirewebhooks.commit.duration in s is aspirewebhooks_commit_duration_seconds_bucket, _sum and _count; a counter's name ends with _total; {webhook} is
    // no unit.
    private static IEnumerable<string> PrometheusNamesOf(Match created)
    {
        var name = Interpolated().Replace(created.Groups["name"].Value, "[a-z_]+").Replace('.', '_') + (created.Groups["unit"].Value == "s" ? "_seconds" : "");
        return created.Groups["kind"].Value switch
        {
            "Counter" => [$"{name}_total"],
            "Histogram" => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    [GeneratedRegex(
        """Create(?<kind>Counter|Histogram|ObservableGauge)(<\w+>)?\(\s*\$?"(?<name>aspirewebhooks\.[^"]+)",(?:(?!Create)[^;])*?"(?<unit>s|\{\w+\})",""")]
    private static partial Regex Created();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Interpolated();

    [GeneratedRegex("(aspirewebhooks|http_server)_[a-z_]+")]
    private static partial Regex Asked();
}
