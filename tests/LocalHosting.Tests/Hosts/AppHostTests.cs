using System.Text.Json;
using LocalHosting.Servers;
using Support;

namespace LocalHosting.Tests.Hosts;

/// <summary>The product's own AppHost, as a program.</summary>
public sealed class AppHostTests
{
    private static readonly string Folder = Path.Combine(Programs.Root, "AppHost");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Kafka", "yes")]
    public async Task It_runs_on_a_broker_that_is_there_with_the_settings_given_shows_no_password_and_leaves_nothing()
    {
        using var data = new DataFolder();
        using var ports = new FreePorts();
        await using var broker = await LocalServer.StartKafkaAsync(
            "transactions", "transactions.dlq", "payments", "payments.dlq", "charges", "charges.dlq", "deliveries", "deliveries.dlq");
        await using var host = Watched.Start(
            Programs.AppHost,
            [$"--Port={ports.Next()}", data.Arg, "--Parameters:processing-delay=00:00:01", "--Servers=processes", .. ports.Range()],
            new(Profile(ports))
            {
                ["ConnectionStrings__broker"] = broker.ConnectionString,
                ["Seed__CredentialsFile"] = Path.Combine(data.Path, "credentials.txt"),
            },
            Folder);

        var ready = await host.LineAsync("^Ready in .* dashboard http");

        Assert.DoesNotContain(host.Alive, Hosts.IsBroker);
        var ingest = Proc.Environment(host.PidOf("Ingest.Api"));
        Assert.Equal((broker.ConnectionString, "00:00:01"), (ingest["ConnectionStrings__broker"], ingest["Processing__Delay"]));
        await NoPasswordAsync(host, Password(ingest["ConnectionStrings__webhooks"], "Password="), host.PidOf("postgres"));
        await NoPasswordAsync(host, Password(ingest["ConnectionStrings__redis"], "password="), host.PidOf("redis-server"));

        await CommandsFindItAsync(data.Path);

        host.Signal(Posix.Term);
        Assert.Equal(0, await host.ExitAsync());
        await host.NothingLeftAsync();
        Assert.NotEmpty(ready);
        Assert.False(File.Exists(Path.Combine(data.Path, "connections.json")));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Published_the_servers_are_containers_and_nothing_secret_or_of_development_is_in_it(bool hasBroker)
    {
        using var data = new DataFolder();
        Directory.CreateDirectory(data.Path);
        var file = Path.Combine(data.Path, "manifest.json");
        Dictionary<string, string> environment = new(hasBroker ? [new("ConnectionStrings__broker", "somebodys:9092")] : []);
        await using var host = Watched.Start(Programs.AppHost, ["--publisher", "manifest", "--output-path", file], environment, Folder);
        Assert.Equal(0, await host.ExitAsync());

        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(file, Ct));
        var resources = manifest.RootElement.GetProperty("resources").EnumerateObject().ToDictionary(resource => resource.Name, resource => resource.Value);
        var containers = resources.Where(resource => Type(resource.Value).StartsWith("container.", StringComparison.Ordinal)).Select(resource => resource.Key);
        Assert.Equal(hasBroker ? ["postgres", "redis"] : ["broker", "postgres", "redis"], containers.Order());
        Assert.All(containers, name => Assert.Matches(@"^[a-z./-]+:\d", resources[name].GetProperty("image").GetString()!));
        Assert.DoesNotContain(resources.Keys, name => name is "kafka-ui" or "sandbox" || name.EndsWith("-process", StringComparison.Ordinal));
        Assert.All(
            ["admin-key", "jwt-signing-key", "webhook-secret", "stripe-webhook-secret", "portal-key", "postgres-password", "redis-password"],
            name => AssertIsSecretInput(resources[name]));

        var text = manifest.RootElement.GetRawText();
        foreach (var secret in await SecretsAsync()) Assert.DoesNotContain(secret, text);

        // aspirate writes such variables of a service in plain text; of a connection string it makes a secret.
        var variables = resources.Values.Where(resource => Type(resource) == "project.v0").SelectMany(service => service.GetProperty("env").EnumerateObject());
        Assert.DoesNotContain(variables, variable => variable.Value.GetString()!.Contains("-password", StringComparison.Ordinal));
        Assert.DoesNotContain("somebodys", text);
    }

    /// <summary>What launchSettings.json sets, as `dotnet run` would, on ports of its own.</summary>
    private static Dictionary<string, string> Profile(FreePorts ports)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "Properties/launchSettings.json")));
        var profile = settings.RootElement.GetProperty("profiles").GetProperty("http");
        var variables = profile.GetProperty("environmentVariables").EnumerateObject()
            .ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!);
        variables["ASPNETCORE_URLS"] = profile.GetProperty("applicationUrl").GetString()!;
        foreach (var (name, value) in variables.Where(variable => variable.Value.StartsWith("http://", StringComparison.Ordinal)).ToList())
            variables[name] = new UriBuilder(value) { Port = ports.Next() }.Uri.ToString().TrimEnd('/');
        return variables;
    }

    /// <summary>A person's command, which is given nothing, finds the running system by the folder that ~/.aspirewebhooks/current leads to.</summary>
    private static async Task CommandsFindItAsync(string folder)
    {
        var file = Path.Combine(folder, "connections.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        using var home = new DataFolder();
        Directory.CreateDirectory(Path.Combine(home.Path, ".aspirewebhooks"));
        File.CreateSymbolicLink(Path.Combine(home.Path, ".aspirewebhooks/current"), folder);

        await using var check = Watched.Start(Programs.Of("Processor.Worker"), ["--check-ledger"], new() { ["HOME"] = home.Path });

        Assert.Equal(0, await check.ExitAsync());
        await check.LineAsync("^Ledger: .* 0 differences$");
    }

    private static async Task NoPasswordAsync(Watched host, string password, int server)
    {
        Assert.True(password.Length >= 16, "the password is not seen in the connection string");
        Assert.DoesNotContain(password, host.Output);
        Assert.All(host.Alive, pid => Assert.DoesNotContain(password, string.Join(' ', Watched.CommandLine(pid))));
        Assert.DoesNotContain(password, await File.ReadAllTextAsync($"/proc/{server}/environ", Ct));
        if (Environment.UserName == "root") Assert.NotEqual(0, Proc.UserOf(server));
    }

    private static string Password(string connectionString, string name) => connectionString.Split(name)[1].Split(';', ',')[0].Trim('"');

    private static async Task<IReadOnlyList<string>> SecretsAsync()
    {
        using var settings = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "appsettings.json"), Ct));
        var secrets = settings.RootElement.GetProperty("Parameters").EnumerateObject().Where(parameter => parameter.Name != "processing-delay");
        return [.. secrets.Select(parameter => parameter.Value.GetString()!)];
    }

    private static void AssertIsSecretInput(JsonElement parameter)
    {
        Assert.EndsWith(".inputs.value}", parameter.GetProperty("value").GetString());
        Assert.True(parameter.GetProperty("inputs").GetProperty("value").GetProperty("secret").GetBoolean());
    }

    private static string Type(JsonElement resource) => resource.GetProperty("type").GetString()!;
}
