using Benchmarks.Printing;

namespace Benchmarks;

/// <summary>What can be measured, by its name on the command line.</summary>
/// <param name="Name">The name.</param>
/// <param name="What">What it measures, for the list of names.</param>
/// <param name="RunAsync">Measures it; the rows come as they are ready.</param>
internal sealed record Benchmark(string Name, string What, Func<Settings, IAsyncEnumerable<Row>> RunAsync);

/// <summary>What the command line says, and what a benchmark needs of the machine.</summary>
/// <param name="KafkaHome">The folder of Apache Kafka's jars, or empty for the embedded broker.</param>
/// <param name="Round">How long a round of load takes.</param>
/// <param name="Clock">The clock.</param>
internal sealed record Settings(string KafkaHome, TimeSpan Round, TimeProvider Clock);
