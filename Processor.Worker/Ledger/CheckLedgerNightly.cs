using Data;
using Npgsql;

namespace Processor.Worker.Ledger;

/// <summary>
/// Checks the ledger every night at 03:00 UTC, and says in the log and by a metric what it found.
/// Of several workers one does it: who gets the advisory lock, which is held for as long as the check takes. A worker whose clock is behind by more
/// than that makes a second check, which finds the same.
/// Dies: the lock goes with its session; that night's check is left out. Database away: tried again every few minutes until it has been done.
/// </summary>
internal sealed partial class CheckLedgerNightly(NpgsqlDataSource database, LedgerMetrics metrics, TimeProvider clock, ILogger<CheckLedgerNightly> logger)
    : BackgroundService
{
    /// <summary>What a log can bear; <c>--check-ledger</c> names all.</summary>
    private const int Named = 100;

    private static readonly TimeSpan TimeOfDay = TimeSpan.FromHours(3), AfterError = TimeSpan.FromMinutes(5);

    /// <summary>A clock that is put right meanwhile is noticed by then.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

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
            // Reading alone: nothing is left behind.
        }
    }

    internal static DateTimeOffset NextAfter(DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date + TimeOfDay, TimeSpan.Zero);
        return today > now ? today : today.AddDays(1);
    }

    private async Task WaitAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        while (time - clock.GetUtcNow() is { Ticks: > 0 } left) await Task.Delay(left < LongestWait ? left : LongestWait, clock, cancellationToken);
    }

    private async Task<bool> TryCheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            if (!await RunAsync(connection, $"SELECT pg_try_advisory_lock({AdvisoryLock.LedgerCheck})", cancellationToken)) return true;
            try
            {
                var began = clock.GetTimestamp();
                var report = await CheckLedger.RunAsync(connection, cancellationToken);
                metrics.Checked(report, clock.GetElapsedTime(began));
                Tell(report);
            }
            finally
            {
                // The session goes back to the pool, and would keep the lock.
                await RunAsync(connection, $"SELECT pg_advisory_unlock({AdvisoryLock.LedgerCheck})", CancellationToken.None);
            }

            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotChecked(exception);
            return false;
        }
    }

    private static async Task<bool> RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private void Tell(LedgerReport report)
    {
        if (report.Differences.Count == 0)
        {
            AddsUp(report.Summary);
            return;
        }

        foreach (var difference in report.Differences.Take(Named)) Difference(difference);
        DoesNotAddUp(report.Summary);
    }

    [LoggerMessage(181, LogLevel.Information, "{Summary}")]
    private partial void AddsUp(string summary);

    [LoggerMessage(182, LogLevel.Error, "{Difference}")]
    private partial void Difference(string difference);

    [LoggerMessage(183, LogLevel.Critical, "{Summary}. Processor.Worker --check-ledger names them all")]
    private partial void DoesNotAddUp(string summary);

    [LoggerMessage(184, LogLevel.Warning, "The ledger could not be checked; it is tried again in a few minutes")]
    private partial void NotChecked(Exception exception);
}
