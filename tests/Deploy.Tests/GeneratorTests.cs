using System.Text.Json.Nodes;

namespace Deploy.Tests;

/// <summary>The chart and the compose file cannot drift from the AppHost: what is in the repository is what is generated from its manifest.</summary>
public sealed class GeneratorTests(Published published)
{
    [Fact]
    public void What_is_in_the_repository_is_what_the_AppHost_gives()
    {
        foreach (var file in Outputs.From(published.Model, Published.Folder))
        {
            var path = Path.Combine(Published.Folder, file.Path);
            Assert.True(File.Exists(path) && File.ReadAllText(path) == file.Text, $"deploy/{file.Path} is not what the AppHost gives: run deploy/generate");
        }
    }

    [Fact]
    public void The_model_has_every_service_with_what_it_needs()
    {
        var services = published.Model.Services.ToDictionary(service => service.Name);
        Assert.Equal(["ingest-api", "migrations", "portal", "processor-worker", "query-api"], services.Keys.Order());
        Assert.True(services["migrations"] is { RunsOnce: true, Image: "processor-worker", Args: ["--migrate"] });
        Assert.True(services["portal"].Http is { IsExternal: true, Port: 8000 });
        Assert.Equal(["ingest-api", "processor-worker", "query-api"], services["portal"].Calls.Order());
        Assert.Contains(new Setting("ConnectionStrings__Auth__AdminKeys__0", SettingKind.Secret, "admin-key"), services["query-api"].Environment);
        Assert.Contains(new Setting("Processing__Delay", SettingKind.Parameter, "processing-delay"), services["ingest-api"].Environment);
        Assert.Contains(new Setting("services__ingest-api__http__0", SettingKind.Text, "http://ingest-api:8080"), services["portal"].Environment);
        Assert.Equal(
            ["broker to broker", "redis to redis", "webhooks to postgres"],
            published.Model.Connections.Select(connection => $"{connection.Name} to {connection.Server}"));
    }

    [Theory]
    [InlineData("""{"a":{"type":"azure.bicep.v0"}}""", "of type azure.bicep.v0")]
    [InlineData("""{"a":{"type":"project.v0","path":"A.csproj","env":{"B":"{a.bindings.http.tlsValue}"}}}""", "{a.bindings.http.tlsValue}")]
    [InlineData("""{"a":{"type":"project.v0","path":"A.csproj","env":{"B":"{b.connectionString}"}}}""", "names no resource b")]
    [InlineData(
        """{"p":{"type":"parameter.v0","value":"{p.inputs.value}"},"a":{"type":"project.v0","path":"A.csproj","env":{"B":"key={p.value}"}}}""",
        "text around a parameter")]
    public void What_would_be_lost_is_refused(string resources, string message)
    {
        var refusal = Assert.Throws<ManifestException>(() => DeployModel.From(Manifest.Parse($$"""{"resources":{{resources}}}""")));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain", "a: plain\n")]
    [InlineData("00:00:30", "a: \"00:00:30\"\n")]
    [InlineData("8080", "a: \"8080\"\n")]
    [InlineData("no", "a: \"no\"\n")]
    [InlineData("", "a: \"\"\n")]
    [InlineData("a: b # c", "a: \"a: b # c\"\n")]
    public void A_text_stays_a_text_in_YAML(string text, string yaml) => Assert.Equal(yaml, Yaml.Write(new JsonObject { ["a"] = text }));
}
