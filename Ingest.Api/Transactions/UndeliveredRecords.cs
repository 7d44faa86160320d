using System.Threading.Channels;
using Data;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.Transactions;

/// <summary>
/// Makes the rows whose records Kafka did not take due for the relay at once. Guarantee: none of its own, and none is needed. Every row
/// carries its date for the relay from the start, so whatever is lost here, by a crash, by a database that is away or because more than
/// <see cref="Capacity"/> wait, is published by that date instead.
/// </summary>
internal sealed partial class UndeliveredRecords(NpgsqlDataSource database, AcceptMetrics metrics, ILogger<UndeliveredRecords> logger) : BackgroundService
{
    /// <summary>As many as librdkafka's queue holds, 100,000, all of which time out together when the broker is gone.</summary>
    private const int Capacity = 100_000;

    private const int MaxBatch = 1_000;

    // status || '': found by id alone, not by way of the relay's index, which holds everything that waits.
    private const string MakeDue =
        "UPDATE transactions SET next_publish_at = now() WHERE transaction_id = ANY ($1) AND status || '' = 'PROCESSING' AND next_publish_at > now()";

    private readonly Channel<string> _ids = Channel.CreateBounded<string>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ILogger _logger = logger;

    public void Add(string transactionId, string reason)
    {
        metrics.Undelivered();
        NotDelivered(transactionId, reason);
        _ids.Writer.TryWrite(transactionId);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<string>(MaxBatch);
        try
        {
            while (await _ids.Reader.WaitToReadAsync(stoppingToken))
            {
                while (batch.Count < MaxBatch && _ids.Reader.TryRead(out var id)) batch.Add(id);
                await MakeDueAsync(batch, stoppingToken);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Left to the rows' own date.
        }
    }

    private async Task MakeDueAsync(List<string> ids, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand(MakeDue);
            command.Parameters.Add(Parameter.Array<string>([.. ids], NpgsqlDbType.Text));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LeftToTheirDate(exception, ids.Count);
        }
    }

    [LoggerMessage(10, LogLevel.Debug, "Kafka did not take the record of {TransactionId}: {Reason}. The relay publishes it")]
    private partial void NotDelivered(string transactionId, string reason);

    [LoggerMessage(11, LogLevel.Warning, "{Count} undelivered transactions could not be made due at once; the relay publishes them at their own date")]
    private partial void LeftToTheirDate(Exception exception, int count);
}
