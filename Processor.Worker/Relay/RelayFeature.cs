using System.ComponentModel.DataAnnotations;

namespace Processor.Worker.Relay;

/// <summary>The relay: one hosted service a table.</summary>
internal static class RelayFeature
{
    public static void AddRelay(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<RelayOptions>().BindConfiguration(RelayOptions.Section)
            .ValidateDataAnnotations()
            .Validate(o => o.Interval > TimeSpan.Zero && o.Interval <= TimeSpan.FromMinutes(1), "Relay__Interval must be between 00:00:00.001 and 00:01:00.")
            .ValidateOnStart();
        foreach (var table in (RelayedTable[])[RelayedTable.Transactions, RelayedTable.Payments, RelayedTable.StripeRequests, RelayedTable.WebhookEndpoints])
            builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<RelayRows>(services, table));
    }
}

/// <summary>How often the relay looks for rows, and how many it publishes. Section <c>Relay</c>.</summary>
internal sealed class RelayOptions
{
    public const string Section = "Relay";

    /// <summary>Between two looks for rows that must be published, when the last one found less than a batch.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most rows published at a time.</summary>
    [Range(1, 10_000, ErrorMessage = "Relay__MaxBatch must be between 1 and 10000 rows.")]
    public int MaxBatch { get; set; } = 500;
}
