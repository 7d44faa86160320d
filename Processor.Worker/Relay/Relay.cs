namespace Processor.Worker.Relay;

internal static class Relay
{
    public static void AddRelay(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<RelayOptions>().BindConfiguration(RelayOptions.Section)
            .ValidateDataAnnotations()
            .Validate(o => o.Interval > TimeSpan.Zero && o.Interval <= TimeSpan.FromMinutes(1), "Relay__Interval must be between 00:00:00.001 and 00:01:00.")
            .ValidateOnStart();
        foreach (var table in (RelayedTable[])[RelayedTable.Transactions, RelayedTable.Payments])
            builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<RelayRows>(services, table));
    }
}
