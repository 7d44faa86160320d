using System.Text;
using Confluent.Kafka;
using Contracts;
using Data;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.DeadLetters;

/// <summary>What has become of a dead letter that was to be sent again.</summary>
internal enum RedriveOutcome
{
    /// <summary>Kafka has it, and its row is gone.</summary>
    Redriven,

    /// <summary>Its body was not kept, and there is no row to make it from. Its row stays.</summary>
    NoTransaction,

    /// <summary>Kafka takes no record of that size. Its row stays.</summary>
    TooLarge,

    /// <summary>Kafka has not acknowledged it. Its row stays.</summary>
    BrokerAway,
}

/// <summary>
/// Sends dead letters to the topic they came from, waits for the broker's acknowledgement, and deletes their rows. The caller has locked the
/// rows and commits. Guarantee: at least once.
/// <list type="bullet">
/// <item>Dies before the acknowledgement: the row stays.</item>
/// <item>Dies between acknowledgement and commit: the row stays, and the record is sent twice. The worker's <c>WHERE status = 'PROCESSING'</c> makes that nothing.</item>
/// <item>Still not understood: the worker puts it aside again, as a dead letter of its own.</item>
/// </list>
/// </summary>
internal sealed partial class RedriveRecords(IProducer<byte[], byte[]> producer, TimeProvider clock, ILogger<RedriveRecords> logger)
{
    private const string Delete = "DELETE FROM dead_letters WHERE id = ANY ($1)";

    /// <summary>
    /// A broker that is there answers within milliseconds, a leader election takes a few seconds. Below the 15 s for which the front door
    /// waits. A record that arrives after all is as one that is sent twice.
    /// </summary>
    private static readonly TimeSpan AckTimeout = TimeSpan.FromSeconds(5);

    private static readonly byte[] Accepted = Encoding.UTF8.GetBytes(EventTypes.TransactionAccepted);

    private readonly ILogger _logger = logger;

    /// <summary>Sends and deletes; the outcome of each, in order.</summary>
    public async Task<RedriveOutcome[]> RunAsync(NpgsqlConnection connection, IReadOnlyList<StoredDeadLetter> letters, CancellationToken cancellationToken)
    {
        var rows = await TransactionRows.FindAsync(connection, letters, cancellationToken);
        var outcomes = await Task.WhenAll(letters.Select(letter => SendAsync(letter, rows, cancellationToken)));
        var sent = letters.Where((_, i) => outcomes[i] == RedriveOutcome.Redriven).ToList();
        if (sent.Count == 0) return outcomes;

        // Also when the caller has gone: what Kafka has need not be sent again.
        await using var command = new NpgsqlCommand(Delete, connection);
        command.Parameters.Add(Parameter.Array([.. sent.Select(letter => letter.Id)], NpgsqlDbType.Bigint));
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        foreach (var topic in sent.GroupBy(letter => letter.Topic)) Sent(topic.Count(), topic.Key, topic.First().Id, topic.Last().Id);
        return outcomes;
    }

    private async Task<RedriveOutcome> SendAsync(StoredDeadLetter letter, Dictionary<string, TransactionRow> rows, CancellationToken cancellationToken)
    {
        var row = letter.IsMadeFromRow && letter.TransactionId is { } id ? rows.GetValueOrDefault(id) : null;
        if (letter.IsMadeFromRow && row is null) return RedriveOutcome.NoTransaction;
        try
        {
            await producer.ProduceAsync(letter.Topic, MessageOf(letter, row), cancellationToken).WaitAsync(AckTimeout, clock, cancellationToken);
            return RedriveOutcome.Redriven;
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.MsgSizeTooLarge)
        {
            return RedriveOutcome.TooLarge;
        }
        catch (Exception exception) when (exception is KafkaException or TimeoutException)
        {
            NotTaken(exception, letter.Id, letter.Topic);
            return RedriveOutcome.BrokerAway;
        }
    }

    // With a timestamp of its own: by the old one, retention could delete it before it is read.
    private static Message<byte[], byte[]> MessageOf(StoredDeadLetter letter, TransactionRow? row)
    {
        var message = new Message<byte[], byte[]> { Key = letter.Key!, Value = (row?.Body ?? letter.Value)!, Headers = [] };
        if (letter.Topic == Topics.Transactions) message.Headers.Add(MessageHeaders.EventType, Accepted);
        if (row?.TraceParent is { } traceParent) message.Headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));
        return message;
    }

    [LoggerMessage(20, LogLevel.Information, "Sent {Count} dead letters to {Topic} again, ids {FirstId} to {LastId}")]
    private partial void Sent(int count, string topic, long firstId, long lastId);

    [LoggerMessage(21, LogLevel.Warning, "Kafka has not taken dead letter {Id} for {Topic}; its row stays")]
    private partial void NotTaken(Exception exception, long id, string topic);
}
