using Microsoft.Extensions.Options;
using Processor.Worker.Retention;

namespace Processor.Worker.Idempotency;

/// <summary>Removal of expired idempotency keys.</summary>
internal static class IdempotencyFeature
{
    private const string Delete =
        """
        DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))
        """;

    public static void AddIdempotencyCleanUp(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<CleanUpOptions>().BindConfiguration(CleanUpOptions.Section)
            .Validate(o => o.Interval > TimeSpan.Zero && o.Interval <= TimeSpan.FromHours(1),
                "IdempotencyCleanUp__Interval must be between 00:00:00.001 and 01:00:00.")
            .ValidateOnStart();
        builder.Services.AddForgetting(services =>
            new("expired idempotency keys", services.GetRequiredService<IOptions<CleanUpOptions>>().Value.Interval, Delete));
    }
}

/// <summary>How expired idempotency keys are removed. Section <c>IdempotencyCleanUp</c>.</summary>
internal sealed class CleanUpOptions
{
    public const string Section = "IdempotencyCleanUp";

    /// <summary>Between two deletions, when the last one found less than a batch.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);
}
