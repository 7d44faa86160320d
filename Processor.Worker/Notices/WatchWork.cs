using Contracts;
using Data;
using Data.Notices;
using Data.Workers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Processor.Worker.Notices;

/// <summary>
/// Looks every 10 s whether a worker is lost and whether work is overdue, and raises notices. Roles: every worker runs one; an advisory lock lets one at a time
/// look, and the notices' key keeps two that look one after the other from telling twice.
/// Guarantee: what lasts for half a minute while a worker runs is told. A worker that is lost is told once, work that is overdue every hour. When none runs,
/// nobody is here to tell it: watch <c>/health/worker</c> from outside.
/// <list type="bullet">
/// <item>Dies at any step: another worker's look tells it.</item>
/// <item>PostgreSQL is away: nothing is told, and the first look after it raises nothing either. The other workers could not write their rows meanwhile, which
/// do not make them lost; they write them within 2 s.</item>
/// </list>
/// </summary>
internal sealed partial class WatchWork(NpgsqlDataSource database, IOptions<NoticeOptions> options, TimeProvider clock, ILogger<WatchWork> logger)
    : BackgroundService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private const string Lock = "SELECT pg_try_advisory_xact_lock($1)";

    private const string Lost =
        $"""
        SELECT w.instance_id, now() - w.seen_at FROM worker_instances AS w
        WHERE w.seen_at <= now() - $1 AND NOT EXISTS (
            SELECT FROM notices AS n
            WHERE n.type = '{WebhookEvents.OperationsWorkerLost}' AND n.cause = '{WorkNotices.CauseOfWorker}' || w.instance_id AND n.first_seen_at > w.seen_at)
        ORDER BY w.seen_at LIMIT 100
        """;

    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? answered = null;
        try
        {
            while (true)
            {
                // Longer ago: this machine stood still, and with it workers that are not lost either.
                var isInTouch = answered is { } last && clock.GetElapsedTime(last) <= Interval * 1.5;
                answered = await TryLookAsync(isInTouch, stoppingToken) ? clock.GetTimestamp() : null;
                await Task.Delay(Interval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Another worker looks.
        }
    }

    /// <summary>Whether PostgreSQL answered.</summary>
    private async Task<bool> TryLookAsync(bool isToTell, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var take = new NpgsqlCommand(Lock, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = AdvisoryLock.WatchWork } } };
            if (await take.ExecuteScalarAsync(cancellationToken) is not true || !isToTell) return true;
            var report = await ReadWork.RunAsync(database, cancellationToken);
            var notices = WorkNotices.Of(report, await ReadLostAsync(connection, cancellationToken), options.Value.OverdueAfter);
            await RaiseAsync(connection, notices, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure: a watch that has ended would tell nothing ever again.
            NotWatched(exception);
            return false;
        }
    }

    private static async Task<IReadOnlyList<LostWorker>> ReadLostAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Lost, connection) { Parameters = { Parameter.Interval(ReadWork.GoneAfter) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var lost = new List<LostWorker>();
        while (await row.ReadAsync(cancellationToken)) lost.Add(new(row.GetString(0), row.GetTimeSpan(1)));
        return lost;
    }

    private static async Task RaiseAsync(NpgsqlConnection connection, IReadOnlyList<NewNotice> notices, CancellationToken cancellationToken)
    {
        if (notices.Count == 0) return;
        await using var batch = new NpgsqlBatch(connection);
        foreach (var notice in notices) batch.BatchCommands.Add(RaiseNotice.Command(notice));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(220, LogLevel.Warning, "Whether workers are lost and work is overdue could not be looked at; the next look is in 10 s")]
    private partial void NotWatched(Exception exception);
}
