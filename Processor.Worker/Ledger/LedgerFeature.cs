using System.Diagnostics.Metrics;
using Data;
using Data.Ledger;
using Npgsql;
using Processor.Worker.Transactions;
using ServiceDefaults.Starting;

namespace Processor.Worker.Ledger;

/// <summary>
/// The ledger check, nightly and as a command: <c>Processor.Worker --check-ledger</c> checks once, prints every difference, and exits with 0
/// when there is none, otherwise with 1.
/// </summary>
internal static partial class LedgerFeature
{
    /// <summary>Registers what the command needs.</summary>
    public static void AddLedgerCheck(this WebApplicationBuilder builder)
    {
        builder.RequireDatabase();
        builder.AddWebhooksDatabase();
        builder.Services.AddSingleton(new LedgerCheck(LedgerRule.All));
    }

    /// <summary>Registers the nightly check.</summary>
    public static void AddNightlyLedgerCheck(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new LedgerCheck(LedgerRule.All));
        builder.Services.AddSingleton<LedgerMetrics>();
        builder.Services.AddHostedService<NightlyLedgerCheck>();
    }

    /// <summary>Runs the command. Returns the exit code of the process.</summary>
    public static async Task<int> CheckLedgerAsync(this WebApplication app)
    {
        await using var _ = app;
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LedgerFeature));
        try
        {
            await using var connection = await app.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
            var report = await app.Services.GetRequiredService<LedgerCheck>().RunAsync(connection, new(), CancellationToken.None);
            foreach (var difference in report.Differences) await Console.Out.WriteLineAsync(difference.What);
            await Console.Out.WriteLineAsync(report.Summary);
            return report.Differences.IsEmpty ? 0 : 1;
        }
        catch (NpgsqlException exception)
        {
            NotChecked(logger, exception);
            return 1;
        }
    }

    [LoggerMessage(180, LogLevel.Critical, "The ledger could not be checked, so nothing is known about it. Remove the cause and start the check again")]
    private static partial void NotChecked(ILogger logger, Exception exception);
}

/// <summary>Metrics of the last check, from the worker that made it.</summary>
internal sealed class LedgerMetrics
{
    private readonly Histogram<double> _duration;
    private LedgerReport? _last;

    public LedgerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ProcessingMetrics.Name);
        meter.CreateObservableGauge("aspirewebhooks.ledger.differences", Differences, "{difference}", "Differences that the last check of the ledger found");
        _duration = meter.CreateHistogram<double>("aspirewebhooks.ledger.check_duration", "s", "Duration of a check of the ledger");
    }

    public void Record(LedgerReport report, TimeSpan duration)
    {
        Volatile.Write(ref _last, report);
        _duration.Record(duration.TotalSeconds);
    }

    private IEnumerable<Measurement<int>> Differences() => Volatile.Read(ref _last) is { } last ? [new(last.DifferenceCount)] : [];
}
