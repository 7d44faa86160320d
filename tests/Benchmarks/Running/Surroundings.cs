using System.Diagnostics;

namespace Benchmarks.Running;

/// <summary>What a figure is worth nothing without.</summary>
/// <param name="usesRealKafka"><c>--kafka</c>: Apache Kafka instead of the embedded broker.</param>
internal sealed class Surroundings(bool usesRealKafka)
{
    private static readonly string[] NeedRealKafka = ["drain", "scale"];

    private readonly string? _kafkaHome = Environment.GetEnvironmentVariable("KAFKA_HOME")
        ?? (Directory.Exists("../shared/kafka") ? Path.GetFullPath("../shared/kafka") : null);

    /// <summary>The commit, with a + when there are changes that are not in it.</summary>
    public string Revision { get; } = $"{Git("rev-parse", "--short", "HEAD")}{(Git("status", "--porcelain") == "" ? "" : "+")}";

    public string Kernel { get; } = Environment.OSVersion.VersionString;

    public string Broker => usesRealKafka ? "Apache Kafka" : "embedded (drain and scale: Apache Kafka)";

    /// <summary>Which broker there is to be: the folder of its jars, or empty for the embedded one.</summary>
    public string KafkaHomeFor(Benchmark benchmark) => !usesRealKafka && !NeedRealKafka.Contains(benchmark.Name)
        ? ""
        : _kafkaHome ?? throw new BenchmarkException($"{benchmark.Name} needs real Kafka. Set KAFKA_HOME to a folder with Apache Kafka's libs/*.jar.");

    public string Describe() => $"{Revision}, {Environment.ProcessorCount} processors, {Kernel}, .NET {Environment.Version}, broker: {Broker}";

    private static string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        return git.StandardOutput.ReadToEnd().Trim();
    }
}
