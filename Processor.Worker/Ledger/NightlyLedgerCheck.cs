using Data;
using Data.Ledger;
using Data.Notices;
using Npgsql;

namespace Processor.Worker.Ledger;

/// <summary>
/// Checks the ledger every night at 03:00 UTC and reports the result in the log and by a metric, and a difference by a notice to operators.
/// <para>
/// Roles: every worker runs this service; the one that gets the advisory lock makes the check, the others skip the night. A worker whose clock
/// is late by more than a check takes makes a second check, with the same result.
/// </para>
/// <para>
/// Guarantee: one check per night, unless the worker that makes it dies. It reads only, so a death leaves nothing behind: the lock ends with
/// the session, and that night's check is left out. While the database is unavailable the check is tried again every 5 minutes.
/// </para>
/// </summary>
internal sealed partial class NightlyLedgerCheck(
    NpgsqlDataSource database, LedgerCheck check, LedgerMetrics metrics, TimeProvider clock, ILogger<NightlyLedgerCheck> logger) : BackgroundService
{
    /// <summary>The most differences that go into the log; <c>--check-ledger</c> names all.</summary>
    private const int MaxLogged = 100;

    private static readonly TimeSpan TimeOfDay = TimeSpan.FromHours(3), AfterError = TimeSpan.FromMinutes(5);

    /// <summary>The longest single wait, after which a clock that was corrected meanwhile is noticed.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(15);

    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await WaitAsync(NextAfter(clock.GetUtcNow()), stoppingToken);
                while (!await TryCheckAsync(stoppingToken)) await Task.Delay(AfterError, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops. A check only reads, so there is nothing to finish.
        }
    }

    internal static DateTimeOffset NextAfter(DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date + TimeOfDay, TimeSpan.Zero);
        return today > now ? today : today.AddDays(1);
    }

    private async Task WaitAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        while (time - clock.GetUtcNow() is { Ticks: > 0 } left) await Task.Delay(left < MaxWait ? left : MaxWait, clock, cancellationToken);
    }

    private async Task<bool> TryCheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            if (!await RunLockAsync(connection, $"SELECT pg_try_advisory_lock({AdvisoryLock.LedgerCheck})", cancellationToken)) return true;
            try
            {
                var began = clock.GetTimestamp();
                var report = await check.RunAsync(connection, new(), cancellationToken);
                metrics.Record(report, clock.GetElapsedTime(began));
                Log(report);
                if (!report.Differences.IsEmpty) await RaiseNotice.RunAsync(database, LedgerNotice.Of(report), cancellationToken);
            }
            finally
            {
                // The session returns to the pool and would keep the lock.
                await RunLockAsync(connection, $"SELECT pg_advisory_unlock({AdvisoryLock.LedgerCheck})", CancellationToken.None);
            }

            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotChecked(exception);
            return false;
        }
    }

    private static async Task<bool> RunLockAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private void Log(LedgerReport report)
    {
        if (report.Differences.IsEmpty)
        {
            AddsUp(report.Summary);
            return;
        }

        foreach (var difference in report.Differences.Take(MaxLogged)) Difference(difference.What);
        DoesNotAddUp(report.Summary);
    }

    [LoggerMessage(181, LogLevel.Information, "{Summary}")]
    private partial void AddsUp(string summary);

    [LoggerMessage(182, LogLevel.Error, "{Difference}")]
    private partial void Difference(string difference);

    [LoggerMessage(183, LogLevel.Critical, "{Summary}. Processor.Worker --check-ledger names them all")]
    private partial void DoesNotAddUp(string summary);

    [LoggerMessage(184, LogLevel.Warning, "The ledger could not be checked; the check is repeated in 5 minutes")]
    private partial void NotChecked(Exception exception);
}
