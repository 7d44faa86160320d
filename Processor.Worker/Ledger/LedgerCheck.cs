using Data;
using Npgsql;

namespace Processor.Worker.Ledger;

/// <summary><c>Processor.Worker --check-ledger</c>: checks the ledger once, names every difference, and ends: with 0 when there is none, else with 1.</summary>
internal static partial class LedgerCheck
{
    public static void AddLedgerCheck(this WebApplicationBuilder builder) => builder.AddWebhooksDatabase();

    public static void AddNightlyLedgerCheck(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LedgerMetrics>();
        builder.Services.AddHostedService<CheckLedgerNightly>();
    }

    /// <summary>Returns the process's exit code.</summary>
    public static async Task<int> CheckLedgerAsync(this WebApplication app)
    {
        await using var _ = app;
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LedgerCheck));
        try
        {
            await using var connection = await app.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
            var report = await CheckLedger.RunAsync(connection, CancellationToken.None);
            foreach (var difference in report.Differences) await Console.Out.WriteLineAsync(difference);
            await Console.Out.WriteLineAsync(report.Summary);
            return report.Differences.Count == 0 ? 0 : 1;
        }
        catch (NpgsqlException exception)
        {
            NotChecked(logger, exception);
            return 1;
        }
    }

    [LoggerMessage(180, LogLevel.Critical, "The ledger could not be checked; nothing is known about it. Start the check again when the cause is mended")]
    private static partial void NotChecked(ILogger logger, Exception exception);
}
