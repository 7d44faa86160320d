using System.Text.Json.Nodes;

namespace Deploy.Tests;

/// <summary>The chart, rendered by Helm, says what the AppHost says.</summary>
public sealed class ChartTests(Published published)
{
    private static readonly string Chart = Path.Combine(Published.Folder, "helm/aspire-webhooks");

    /// <summary>With an existing Secret and servers of one's own.</summary>
    private static readonly string[] Production = ["--set", "image.repository=registry.example.com/a", "--set", "secrets.existingSecret=given"];

    private static string[] TryingOut(DeployModel model) =>
    [
        "--values", Path.Combine(Published.Folder, "helm/trying-out.yaml"), "--set", "ingress.enabled=true", "--set", "ingress.host=pay.example.com",
        "--set", "ingress.tls.secretName=tls", "--set", "telemetry.collector.enabled=true", "--set", "telemetry.serviceMonitor.enabled=true",
        "--set", "telemetry.prometheusRule.enabled=true", "--set", "forwardedHeaders.knownNetworks={10.0.0.0/8}",
        .. model.Secrets.SelectMany(name => new[] { "--set", $"secrets.values.{name}=a-secret-of-{name}" }),
    ];

    [Fact]
    public void Every_service_and_server_of_the_AppHost_has_its_values_and_no_other()
    {
        var values = YamlReader.Read(File.ReadAllText(Path.Combine(Chart, "values.yaml")))!;
        Assert.Equal(published.Model.Services.Select(service => service.Name).Order(), values["services"]!.AsObject().Select(service => service.Key).Order());
        Assert.Equal(published.Model.Servers.Select(server => server.Name).Order(), values["servers"]!.AsObject().Select(server => server.Key).Order());
        Assert.Equal(published.Model.Parameters.Order(), values["parameters"]!.AsObject().Select(parameter => parameter.Key).Order());
    }

    [Fact]
    public async Task Helm_finds_no_fault_in_it()
    {
        var helm = await Tool.FindAsync("helm");
        var (exitCode, said) = await helm.RunAsync(["lint", Chart, "--strict", .. Production]);
        Assert.True(exitCode == 0, said);
        (exitCode, said) = await helm.RunAsync(["lint", Chart, "--strict", .. TryingOut(published.Model)]);
        Assert.True(exitCode == 0, said);
    }

    [Fact]
    public async Task Each_service_is_deployed_with_the_settings_of_the_AppHost_and_no_secret_in_plain_text()
    {
        var rendered = await RenderAsync(TryingOut(published.Model));
        foreach (var service in published.Model.Services)
        {
            var kind = service.RunsOnce ? "Job" : "Deployment";
            var pod = Single(rendered, kind, service.Name)["spec"]!["template"]!["spec"]!;
            var container = pod["containers"]![0]!;
            Assert.Equal($"localhost:5000/{service.Image}:0.1.0", container["image"]!.GetValue<string>());
            Assert.Equal(service.Args, container["args"]?.AsArray().Select(arg => arg!.GetValue<string>()) ?? []);
            var environment = container["env"]!.AsArray().ToDictionary(variable => variable!["name"]!.GetValue<string>(), variable => variable!);
            foreach (var setting in service.Environment) AssertGives(environment[setting.Name], setting);
            AssertIsConfined(pod, container);
        }

        var others = rendered.Where(resource => resource["kind"]!.GetValue<string>() != "Secret");
        Assert.All(others, resource => Assert.DoesNotContain("a-secret-of-", resource.ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Migrations_come_before_everything_unless_the_servers_come_with_the_chart()
    {
        var production = await RenderAsync(Production);
        var tryingOut = await RenderAsync(TryingOut(published.Model));
        Assert.Equal("pre-install,pre-upgrade", HookOf(Single(production, "Job", "migrations")));
        Assert.Equal("post-install,pre-upgrade", HookOf(Single(tryingOut, "Job", "migrations")));
        Assert.DoesNotContain(production, resource => resource["kind"]!.GetValue<string>() is "Secret" or "StatefulSet");
    }

    [Fact]
    public async Task An_upgrade_of_the_services_replaces_none_of_the_servers_in_the_chart()
    {
        var before = await RenderAsync([.. TryingOut(published.Model), "--set-string", "image.tag=1"]);
        var after = await RenderAsync([.. TryingOut(published.Model), "--set-string", "image.tag=2"]);
        foreach (var server in published.Model.Servers)
            Assert.Equal(PodOf(before, "StatefulSet", server.Name), PodOf(after, "StatefulSet", server.Name));
        Assert.NotEqual(PodOf(before, "Deployment", "portal"), PodOf(after, "Deployment", "portal"));

        static string PodOf(IReadOnlyList<JsonNode> resources, string kind, string name) => Single(resources, kind, name)["spec"]!["template"]!.ToJsonString();
    }

    [Fact]
    public async Task A_service_is_reached_by_those_that_call_it_alone()
    {
        var rendered = await RenderAsync(Production);
        foreach (var service in published.Model.Services.Where(service => service is { RunsOnce: false, Http.IsExternal: false }))
        {
            var from = Single(rendered, "NetworkPolicy", service.Name)["spec"]!["ingress"]![0]!["from"]![0]!["podSelector"]!["matchExpressions"]![0]!;
            Assert.Equal(
                published.Model.Services.Where(other => other.Calls.Contains(service.Name)).Select(other => other.Name),
                from["values"]!.AsArray().Select(name => name!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("12", "services.processor-worker.replicas=13", "services.ingest-api.autoscaling.maxReplicas=1")]
    [InlineData("database.maxConnections", "services.ingest-api.pool=100")]
    [InlineData("environment", "environment=Produktion")]
    [InlineData("secrets.values.admin-key", "secrets.existingSecret=")]
    [InlineData("additional properties 'service'", "service.portal.replicas=3")]
    public async Task Values_that_cannot_be_meant_are_refused_with_their_name(string expected, params string[] values)
    {
        var helm = await Tool.FindAsync("helm");
        var (exitCode, said) = await helm.RunAsync(["template", "a", Chart, .. Production, .. values.SelectMany(value => new[] { "--set", value })]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(expected, said, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Kubernetes_own_schemas_are_kept_to()
    {
        var schemas = Environment.GetEnvironmentVariable("KUBE_SCHEMAS");
        Assert.SkipWhen(
            string.IsNullOrEmpty(schemas), "KUBE_SCHEMAS names no folder with Kubernetes's JSON schemas (deploy/kube-schemas makes one of a cluster's).");
        var (helm, kubeconform) = (await Tool.FindAsync("helm"), await Tool.FindAsync("kubeconform"));
        foreach (var values in new[] { Production, TryingOut(published.Model) })
        {
            var (_, rendered) = await helm.RunAsync(["template", "a", Chart, .. values]);
            var (exitCode, said) = await kubeconform.RunAsync(
                [
                    "-strict", "-summary", "-skip", "ServiceMonitor,PrometheusRule",
                    "-schema-location", $"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json", "-",
                ],
                rendered);
            Assert.True(exitCode == 0, said);
        }
    }

    private static async Task<IReadOnlyList<JsonNode>> RenderAsync(string[] values)
    {
        var helm = await Tool.FindAsync("helm");
        var (exitCode, said) = await helm.RunAsync(["template", "a", Chart, .. values]);
        Assert.True(exitCode == 0, said);
        return YamlReader.ReadAll(said);
    }

    private static JsonNode Single(IEnumerable<JsonNode> resources, string kind, string name) =>
        resources.Single(resource => resource["kind"]!.GetValue<string>() == kind && resource["metadata"]!["name"]!.GetValue<string>() == name);

    private static string HookOf(JsonNode resource) => resource["metadata"]!["annotations"]!["helm.sh/hook"]!.GetValue<string>();

    private static void AssertGives(JsonNode variable, Setting setting)
    {
        var (value, secret) = (variable["value"]?.GetValue<string>(), variable["valueFrom"]?["secretKeyRef"]?["key"]?.GetValue<string>());
        var expected = setting.Kind switch
        {
            SettingKind.Text => value == setting.Value,
            SettingKind.Parameter => value == "00:00:30",
            SettingKind.Secret => secret == setting.Value,
            _ => setting.Value == "webhooks" ? value!.StartsWith("$(DATABASE);Maximum Pool Size=", StringComparison.Ordinal) : secret == setting.Name,
        };
        Assert.True(expected, $"{setting}: {variable.ToJsonString()}");
    }

    private static void AssertIsConfined(JsonNode pod, JsonNode container)
    {
        Assert.True(pod["securityContext"]!["runAsNonRoot"]!.GetValue<bool>());
        Assert.Equal("RuntimeDefault", pod["securityContext"]!["seccompProfile"]!["type"]!.GetValue<string>());
        Assert.True(container["securityContext"]!["readOnlyRootFilesystem"]!.GetValue<bool>());
        Assert.False(container["securityContext"]!["allowPrivilegeEscalation"]!.GetValue<bool>());
        Assert.Equal("""["ALL"]""", container["securityContext"]!["capabilities"]!["drop"]!.ToJsonString());
        Assert.False(pod["automountServiceAccountToken"]!.GetValue<bool>());
    }
}
