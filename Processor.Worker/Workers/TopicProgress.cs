namespace Processor.Worker.Workers;

/// <summary>How far this worker is with a topic. Registered by each capability that reads one, for the worker's row.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Lag">Records behind the committable offsets of this worker's partitions.</param>
/// <param name="Waiting">Records that were read and not claimed, or that are not due yet.</param>
internal sealed record TopicProgress(string Topic, Func<long> Lag, Func<int> Waiting);
