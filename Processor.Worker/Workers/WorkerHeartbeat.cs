using Contracts;
using Data;
using Data.Workers;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Transactions;
using Processor.Worker.Work;

namespace Processor.Worker.Workers;

/// <summary>
/// Writes this worker's state into worker_instances every 2 s, so that any worker can answer for all. Dies: its row is no longer written, and the worker
/// counts as gone after <see cref="ReadWork.GoneAfter"/>. Stops: deletes its row.
/// </summary>
internal sealed partial class WorkerHeartbeat(
    NpgsqlDataSource database, WaitingTransactions waiting, ReadTransactions transactions, IEnumerable<TopicProgress> topics, WorkerGauges gauges,
    Problems problems, TimeProvider clock, ILogger<WorkerHeartbeat> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How long a stop tries to delete the row; then it ages.</summary>
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(5);

    private const string Beat =
        """
        WITH gone AS (DELETE FROM worker_instances WHERE seen_at < now() - interval '1 h')
        INSERT INTO worker_instances (instance_id, partitions, lag, waiting, oldest_due_seconds, problems, topics, seen_at)
        VALUES ($1, $2, $3, $4, $5, $6, (
            SELECT jsonb_object_agg(topic, jsonb_build_object('lag', lag, 'waiting', waiting)) FROM unnest($7, $8, $9) AS t (topic, lag, waiting)), now())
        ON CONFLICT (instance_id) DO UPDATE
        SET partitions = excluded.partitions, lag = excluded.lag, waiting = excluded.waiting,
            oldest_due_seconds = excluded.oldest_due_seconds, problems = excluded.problems, topics = excluded.topics, seen_at = excluded.seen_at
        """;

    private readonly ILogger _logger = logger;
    private readonly string _instanceId = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.CreateVersion7(clock.GetUtcNow()):N}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                await BeatAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await LeaveAsync();
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand(Beat);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _instanceId });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = waiting.Partitions });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = transactions.Lag });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = waiting.Count });
            command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = waiting.OldestDue.TotalSeconds });
            command.Parameters.Add(Parameter.Array([.. problems.Current.Select(problem => StoredText.Clean(problem)!)], NpgsqlDbType.Text));
            command.Parameters.Add(Parameter.Array([.. topics.Select(topic => topic.Topic)], NpgsqlDbType.Text));
            command.Parameters.Add(Parameter.Array([.. topics.Select(topic => topic.Lag())], NpgsqlDbType.Bigint));
            command.Parameters.Add(Parameter.Array([.. topics.Select(topic => topic.Waiting())], NpgsqlDbType.Integer));
            await command.ExecuteNonQueryAsync(cancellationToken);
            gauges.Read(await ReadWork.RunAsync(database, cancellationToken));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotWritten(exception);
        }
    }

    private async Task LeaveAsync()
    {
        using var patience = new CancellationTokenSource(LeaveTimeout, clock);
        try
        {
            await using var command = database.CreateCommand("DELETE FROM worker_instances WHERE instance_id = $1");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _instanceId });
            await command.ExecuteNonQueryAsync(patience.Token);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            // The row ages, and the worker counts as gone.
        }
    }

    [LoggerMessage(70, LogLevel.Debug, "The worker could not write its row; it tries again shortly")]
    private partial void NotWritten(Exception exception);
}
