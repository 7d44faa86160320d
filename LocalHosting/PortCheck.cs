using System.Globalization;
using LocalHosting.Servers;

namespace LocalHosting;

/// <summary>Looks whether the ports that the AppHost names can be had, before anything is started.</summary>
public static class PortCheck
{
    private const string Listening = "0A";

    /// <summary>
    /// Ends the AppHost with a sentence when a fixed port is taken: a resource's, or one of the dashboard's. Without this each of them would fail by itself,
    /// after the servers were started, with a stack.
    /// </summary>
    /// <param name="builder">The application, with all of its resources.</param>
    public static IDistributedApplicationBuilder CheckPorts(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        var isTest = builder.Configuration["DcpPublisher:RandomizePorts"] == "true";
        foreach (var (user, port, remedy) in Resources(builder, isTest).Concat(isTest ? [] : Dashboard(builder)))
        {
            if (!FreePorts.CanBind(port))
                throw Refusal.Of(
                    builder,
                    $"{user} needs port {port}, which is taken by {HolderOf(port)}. Nothing was started. "
                    + $"Stop that process, or choose another port: {remedy}");
        }

        return builder;
    }

    // A proxied endpoint gets another port in a test.
    private static IEnumerable<(string User, int Port, string Remedy)> Resources(IDistributedApplicationBuilder builder, bool isTest) =>
        from resource in builder.Resources
        from endpoint in resource.Annotations.OfType<EndpointAnnotation>()
        where endpoint.Port is > 0 && !(isTest && endpoint.IsProxied) && !resource.IsContainer()
        select (resource.Name, endpoint.Port!.Value, $"--Port={endpoint.Port + 1}");

    private static IEnumerable<(string User, int Port, string Remedy)> Dashboard(IDistributedApplicationBuilder builder) =>
        from name in (string[])["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"]
        let url = builder.Configuration[name]?.Split(';')[0]
        where url is not null
        select ("Aspire's dashboard", new Uri(url).Port, $"{name} in AppHost/Properties/launchSettings.json");

    /// <summary>Who listens there, by Linux's /proc (proc(5)).</summary>
    private static string HolderOf(int port)
    {
        var end = $":{port.ToString("X4", CultureInfo.InvariantCulture)}";
        var sockets = from file in (string[])["/proc/net/tcp", "/proc/net/tcp6"]
                      where File.Exists(file)
                      from line in File.ReadLines(file).Skip(1)
                      let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                      where fields[1].EndsWith(end, StringComparison.Ordinal) && fields[3] == Listening
                      select $"socket:[{fields[9]}]";
        var wanted = sockets.ToHashSet();
        var process = Directory.EnumerateDirectories("/proc").FirstOrDefault(folder => int.TryParse(Path.GetFileName(folder), out _) && Holds(folder, wanted));
        return process is null ? "another user's process" : $"process {Path.GetFileName(process)} ({File.ReadAllText($"{process}/comm").Trim()})";
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles($"{process}/fd").Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
