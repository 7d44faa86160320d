using Aspire.Hosting;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Servers;

/// <summary>Which Kafka a resource gets: somebody's, a real one from jars, or the embedded one.</summary>
internal abstract record KafkaChoice
{
    public sealed record External(string Bootstrap) : KafkaChoice;

    public sealed record FromJars(string Home) : KafkaChoice;

    public sealed record Embedded : KafkaChoice;

    public static KafkaChoice For(string resource, IConfiguration configuration, string appHostFolder)
    {
        if (configuration.GetConnectionString(resource) is { Length: > 0 } bootstrap)
            return new External(bootstrap);
        return configuration["KAFKA_HOME"] is { Length: > 0 } home ? new FromJars(FindHome(home, appHostFolder)) : new Embedded();
    }

    /// <summary>
    /// A relative KAFKA_HOME is meant from the repository's root, but `dotnet test` runs each test project in its output folder:
    /// so it is tried from here, then from every folder above the program's and the AppHost's.
    /// </summary>
    private static string FindHome(string home, string appHostFolder)
    {
        var starts = ((string[])[Directory.GetCurrentDirectory(), .. Above(AppContext.BaseDirectory), .. Above(appHostFolder)]).Distinct();
        return starts.Select(start => Path.GetFullPath(home, start)).FirstOrDefault(HasJars) ?? throw new DistributedApplicationException(
            $"KAFKA_HOME={home} leads to no folder with Kafka's jars (libs/kafka-clients-*.jar), neither from {Directory.GetCurrentDirectory()} nor from a folder above. Write its whole path, or unset KAFKA_HOME to use the embedded broker.");
    }

    private static bool HasJars(string home) =>
        Directory.Exists(Path.Combine(home, "libs")) && Directory.EnumerateFiles(Path.Combine(home, "libs"), "kafka-clients-*.jar").Any();

    private static IEnumerable<string> Above(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            yield return at.FullName;
    }
}
