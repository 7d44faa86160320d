using Microsoft.Extensions.Options;
using Processor.Worker.Retention;

namespace Processor.Worker.Webhooks;

/// <summary>For how long the log of deliveries is kept. Section <c>Deliveries</c>.</summary>
internal sealed class DeliveryRetentionOptions
{
    public const string Section = "Deliveries";

    /// <summary>For how long events, and deliveries with their attempts, are kept after they were made. Those that are pending stay.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Between two deletions, when the last one found less than a batch.</summary>
    public TimeSpan CleanUpInterval { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>Removal of old events, deliveries and attempts. An event that is gone is not fanned out again: nobody looks for it.</summary>
internal static class DeliveryRetention
{
    // The time is in the first 48 bits of an id of version 7, so the primary key finds the old rows.
    private const string OldestKept = "rpad(lpad(to_hex(floor(extract(epoch FROM now() - $2) * 1000)::bigint), 12, '0'), 32, '0')::uuid";

    private const string Deliveries =
        $"""
        WITH old AS (
            SELECT id FROM webhook_deliveries WHERE id < {OldestKept} AND status <> 'pending' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED),
        attempts AS (DELETE FROM webhook_attempts AS a USING old WHERE a.delivery_id = old.id)
        DELETE FROM webhook_deliveries AS d USING old WHERE d.id = old.id
        """;

    private const string Events =
        $"""
        DELETE FROM webhook_events WHERE id = ANY (ARRAY(
            SELECT id FROM webhook_events AS e
            WHERE id < {OldestKept} AND position IS NOT NULL AND NOT EXISTS (SELECT FROM webhook_deliveries AS d WHERE d.event_id = e.id)
            ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
        """;

    public static void AddDeliveryRetention(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DeliveryRetentionOptions>().BindConfiguration(DeliveryRetentionOptions.Section)
            .Validate(o => o.Retention >= TimeSpan.FromMinutes(1) && o.Retention <= TimeSpan.FromDays(3650),
                "Deliveries__Retention must be between 00:01:00 and 3650.00:00:00.")
            .Validate(o => o.CleanUpInterval > TimeSpan.Zero && o.CleanUpInterval <= TimeSpan.FromHours(1),
                "Deliveries__CleanUpInterval must be between 00:00:00.001 and 01:00:00.")
            .ValidateOnStart();
        builder.Services.AddForgetting(services => Rules(services, "old deliveries of webhooks", Deliveries));
        builder.Services.AddForgetting(services => Rules(services, "old events of webhooks", Events));
    }

    private static ForgetRules Rules(IServiceProvider services, string name, string delete)
    {
        var options = services.GetRequiredService<IOptions<DeliveryRetentionOptions>>().Value;
        return new(name, options.CleanUpInterval, delete, options.Retention);
    }
}
