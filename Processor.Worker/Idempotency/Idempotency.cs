namespace Processor.Worker.Idempotency;

internal static class Idempotency
{
    public static void AddIdempotencyCleanUp(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<CleanUpOptions>().BindConfiguration(CleanUpOptions.Section)
            .Validate(o => o.Interval > TimeSpan.Zero && o.Interval <= TimeSpan.FromHours(1), "IdempotencyCleanUp__Interval must be between 00:00:00.001 and 01:00:00.")
            .ValidateOnStart();
        builder.Services.AddHostedService<ForgetKeys>();
    }
}
