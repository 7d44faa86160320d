using System.Diagnostics;

namespace Benchmarks.Running;

/// <summary>What the measured processes inherit from this one, and what a figure is worth nothing without.</summary>
internal sealed class Surroundings(Settings settings)
{
    private static readonly string[] NeedRealKafka = ["drain", "scale"];

    private readonly string? _kafkaHome = Environment.GetEnvironmentVariable("KAFKA_HOME")
        ?? (Directory.Exists("../shared/kafka") ? Path.GetFullPath("../shared/kafka") : null);

    /// <summary>The commit, with a + when there are changes that are not in it.</summary>
    public string Revision { get; } = $"{Git("rev-parse", "--short", "HEAD")}{(Git("status", "--porcelain") == "" ? "" : "+")}";

    public string Kernel { get; } = Environment.OSVersion.VersionString;

    public string Broker => settings.UsesRealKafka ? "Apache Kafka" : "embedded (drain and scale: Apache Kafka)";

    /// <summary>Puts the limits' endpoints into every service that is started from here on, and says which broker there is to be.</summary>
    public void Prepare(Benchmark benchmark)
    {
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", typeof(Limits.LimitEndpoints).Assembly.Location);
        Environment.SetEnvironmentVariable("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(Limits.LimitEndpoints).Assembly.GetName().Name);
        var real = settings.UsesRealKafka || NeedRealKafka.Contains(benchmark.Name);
        if (real && _kafkaHome is null)
            throw new BenchmarkException($"{benchmark.Name} needs real Kafka. Set KAFKA_HOME to a folder with Apache Kafka's libs/*.jar.");
        Environment.SetEnvironmentVariable("KAFKA_HOME", real ? _kafkaHome : null);
    }

    public string Describe() => $"{Revision}, {Environment.ProcessorCount} processors, {Kernel}, .NET {Environment.Version}, broker: {Broker}";

    private static string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        return git.StandardOutput.ReadToEnd().Trim();
    }
}
