using System.ComponentModel.DataAnnotations;

namespace Processor.Worker.Relay;

/// <summary>How often the relay looks. Section <c>Relay</c>.</summary>
internal sealed class RelayOptions
{
    public const string Section = "Relay";

    /// <summary>Between two looks for rows that are due to be published, when the last one found none.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most rows published at a time.</summary>
    [Range(1, 10_000, ErrorMessage = "Relay__MaxBatch must be between 1 and 10000 rows.")]
    public int MaxBatch { get; set; } = 500;
}
