namespace Processor.Worker.Transactions;

/// <summary>A batch on its way: what was taken from each partition.</summary>
internal sealed record Batch(IReadOnlyList<(PartitionQueue Queue, IReadOnlyList<WaitingRecord> Records)> Parts)
{
    /// <summary>Its records, partition by partition.</summary>
    public IEnumerable<WaitingRecord> Records => Parts.SelectMany(part => part.Records);

    public int Count => Parts.Sum(part => part.Records.Count);
}
