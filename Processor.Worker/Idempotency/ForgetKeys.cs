using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Idempotency;

/// <summary>
/// Deletes idempotency keys that have expired. Roles: every worker runs one; SKIP LOCKED keeps them apart.
/// Guarantee: none is needed: an expired key has no effect, and this only keeps the table small.
/// Dies at any step, or PostgreSQL is away: the next interval goes on.
/// </summary>
internal sealed partial class ForgetKeys(
    NpgsqlDataSource database, IOptions<CleanUpOptions> options, TimeProvider clock, ILogger<ForgetKeys> logger) : BackgroundService
{
    /// <summary>Short enough that no request waits for the delete to commit.</summary>
    private const int Batch = 1_000;

    private const string Delete =
        """
        DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))
        """;

    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        try
        {
            do
            {
                while (await ForgetAsync(stoppingToken) == Batch)
                {
                    // The batch was full: there may be more.
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is deleted after the next start.
        }
    }

    private async Task<int> ForgetAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand(Delete);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch, NpgsqlDbType = NpgsqlDbType.Integer });
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotForgotten(exception);
            return 0;
        }
    }

    [LoggerMessage(90, LogLevel.Warning, "Expired idempotency keys could not be removed; they are tried again at the next interval")]
    private partial void NotForgotten(Exception exception);
}
