namespace Benchmarks;

/// <summary>A benchmark that saw something wrong: its figure would mean nothing.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
