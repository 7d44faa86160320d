using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Running;

/// <summary>The environment of a project or program: the names are Aspire's, so that a service cannot tell the difference.</summary>
internal static class ChildEnvironment
{
    /// <summary>Meant for the AppHost, or set by what started it; a service that inherited them would take its port or its test run's settings.</summary>
    private static readonly string[] NotInherited = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "DOTNET_LAUNCH_PROFILE", "LOCALHOSTING_LOGS"];
    private static readonly string[] NotInheritedPrefixes = ["ASPIRE_", "VSTEST_", "MSBUILD", "TESTINGPLATFORM_", "LocalHosting__"];

    public static async Task<Dictionary<string, string?>> ForAsync(IResource resource, int replica, IConfiguration configuration, CancellationToken ct)
    {
        var plan = resource.Plan;
        var result = new Dictionary<string, string?>();
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>())
        {
            if (NotInherited.Contains(name) || NotInheritedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                result[name] = null;
        }
        if (resource is ProjectResource { Metadata: { } project })
        {
            foreach (var (name, value) in LaunchProfile(Path.GetDirectoryName(project.ProjectPath)!))
                result[name] = value;
            // Without an endpoint it still must not take Kestrel's default port 5000 from another.
            result["ASPNETCORE_URLS"] = plan.Endpoints.Count == 0 ? "http://127.0.0.1:0"
                : string.Join(';', plan.Endpoints.Select(endpoint => $"http://127.0.0.1:{endpoint.Ports[replica]}"));
        }
        AddTelemetry(result, resource.Name);
        await AddReferencesAsync(result, resource, configuration, ct);
        foreach (var endpoint in plan.Endpoints.Where(endpoint => endpoint.PortVariable is not null))
            result[endpoint.PortVariable!] = $"{endpoint.Ports[replica]}";
        foreach (var variable in plan.Environment)
            result[variable.Name] = await variable.Value(ct);
        return result;
    }

    private static void AddTelemetry(Dictionary<string, string?> result, string resource)
    {
        var instance = $"service.instance.id={resource}-{Guid.NewGuid().ToString("N")[..8]}";
        result["OTEL_SERVICE_NAME"] = resource;
        result["OTEL_RESOURCE_ATTRIBUTES"] = Environment.GetEnvironmentVariable("OTEL_RESOURCE_ATTRIBUTES") is { Length: > 0 } given ? $"{given},{instance}" : instance;
    }

    private static async Task AddReferencesAsync(Dictionary<string, string?> result, IResource resource, IConfiguration configuration, CancellationToken ct)
    {
        var plan = resource.Plan;
        foreach (var (source, connectionName, optional) in plan.Connections)
        {
            foreach (var (name, value) in source.Plan.ForClients)
                result[name] = value;
            if (!plan.Injection.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionString))
                continue;
            try
            {
                result[source.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName ?? source.Name}"] =
                    Proxies.Through(configuration, source.Name, resource.Name, await source.GetConnectionStringAsync(ct));
            }
            catch (Aspire.Hosting.DistributedApplicationException) when (optional)
            {
                // Not given, and said not to be needed.
            }
        }
        foreach (var service in plan.Services.Where(_ => plan.Injection.HasFlag(ReferenceEnvironmentInjectionFlags.ServiceDiscovery)))
        {
            foreach (var endpoint in service.Plan.Endpoints)
            {
                for (var i = 0; i < endpoint.Ports.Count; i++)
                    result[$"services__{service.Name}__{endpoint.Name}__{i}"] = $"{endpoint.Scheme}://127.0.0.1:{endpoint.Ports[i]}";
            }
        }
    }

    /// <summary>Variables of the first profile that runs the project, as `dotnet run` in its folder would set them.</summary>
    private static IEnumerable<(string Name, string? Value)> LaunchProfile(string folder)
    {
        var file = Path.Combine(folder, "Properties", "launchSettings.json");
        if (!File.Exists(file))
            return [];
        using var json = JsonDocument.Parse(File.ReadAllText(file), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (!json.RootElement.TryGetProperty("profiles", out var profiles))
            return [];
        var profile = profiles.EnumerateObject().Select(p => p.Value)
            .FirstOrDefault(p => p.TryGetProperty("commandName", out var command) && command.GetString() == "Project");
        return profile.ValueKind == JsonValueKind.Object && profile.TryGetProperty("environmentVariables", out var variables)
            ? [.. variables.EnumerateObject().Select(v => (v.Name, v.Value.GetString()))]
            : [];
    }
}
