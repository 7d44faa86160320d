namespace LocalHosting.Servers;

/// <summary>Where Apache Kafka's jars are.</summary>
public static class KafkaHome
{
    /// <summary>
    /// Finds the folder that <c>KAFKA_HOME</c> names. A relative one is meant from the repository's root, and <c>dotnet test</c> runs a test project in its
    /// output folder: so it is tried from here, and from every folder above the program's and the AppHost's.
    /// </summary>
    /// <param name="home">KAFKA_HOME; null or empty: none is asked for.</param>
    /// <param name="folder">The AppHost's.</param>
    /// <returns>The whole path, or null when none is asked for.</returns>
    /// <exception cref="InvalidOperationException">No such folder has Kafka's jars.</exception>
    public static string? Find(string? home, string folder)
    {
        if (string.IsNullOrEmpty(home)) return null;
        var starts = (string[])[Directory.GetCurrentDirectory(), .. Above(AppContext.BaseDirectory), .. Above(folder)];
        return starts.Select(start => Path.GetFullPath(home, start)).FirstOrDefault(HasJars) ?? throw new InvalidOperationException(
            $"KAFKA_HOME={home} has no Kafka (libs/kafka-clients-*.jar), neither from {Directory.GetCurrentDirectory()} nor from a folder above. "
            + "Write its whole path, or unset KAFKA_HOME to use the embedded broker.");
    }

    private static bool HasJars(string home) =>
        Directory.Exists(Path.Combine(home, "libs")) && Directory.EnumerateFiles(Path.Combine(home, "libs"), "kafka-clients-*.jar").Any();

    private static IEnumerable<string> Above(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent) yield return at.FullName;
    }
}
