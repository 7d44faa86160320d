using System.Text;
using Confluent.Kafka;
using Contracts;
using Data;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.DeadLetters;

/// <summary>What became of a dead letter that was to be sent again.</summary>
internal enum RedriveOutcome
{
    /// <summary>Kafka has the record, or the payment is open again, and the row is deleted.</summary>
    Redriven,

    /// <summary>The body was not kept, and there is no transaction to make it from. The row stays.</summary>
    NoTransaction,

    /// <summary>Kafka takes no record of that size. The row stays.</summary>
    TooLarge,

    /// <summary>Kafka has not acknowledged the record. The row stays.</summary>
    BrokerAway,

    /// <summary>Refused: there is no such payment. The row stays.</summary>
    NoPayment,

    /// <summary>Refused: the payment is not failed as given up; it was settled or is under way. The row stays.</summary>
    NotGivenUp,

    /// <summary>Refused: the available balance does not cover the withdrawal any more. The row stays.</summary>
    InsufficientBalance,
}

/// <summary>
/// Carries out what redriving means for a topic (<see cref="RedriveTopics"/>), waits for Kafka's acknowledgements, and deletes the rows. The caller has locked
/// the rows and commits. Guarantee: at least once.
/// <list type="bullet">
/// <item>Dies before the acknowledgement: the row stays.</item>
/// <item>Dies between acknowledgement and commit: the row stays, and the record is sent twice. The worker changes only rows that are still open.</item>
/// <item>Still not understood: the worker stores the record as another dead letter.</item>
/// </list>
/// </summary>
internal sealed partial class RedriveRecords(IProducer<byte[], byte[]> producer, TimeProvider clock, ILogger<RedriveRecords> logger)
{
    private const string Delete = "DELETE FROM dead_letters WHERE id = ANY ($1)";

    /// <summary>
    /// A broker that is up answers within milliseconds, a leader election takes a few seconds. Below the 15 s for which the front door waits. A record that
    /// arrives later nevertheless is like one that is sent twice.
    /// </summary>
    private static readonly TimeSpan AckTimeout = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logger;

    /// <summary>Sends and deletes; the outcome of each, in order.</summary>
    /// <param name="connection">In a transaction, in which the caller has locked the rows and which the caller commits.</param>
    /// <param name="topic">The topic of all of them.</param>
    /// <param name="letters">The dead letters.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<RedriveOutcome[]> RunAsync(
        NpgsqlConnection connection, string topic, IReadOnlyList<StoredDeadLetter> letters, CancellationToken cancellationToken)
    {
        var rules = RedriveTopics.Of(topic);
        var prepared = await rules.PrepareAsync(connection, letters, cancellationToken);
        var outcomes = await Task.WhenAll(prepared.Select(letter => SendAsync(letter, rules, cancellationToken)));
        long[] done = [.. letters.Where((_, n) => outcomes[n] == RedriveOutcome.Redriven).Select(letter => letter.Id)];
        if (done.Length == 0) return outcomes;

        // Not with the caller's token: what Kafka has must not be sent again because the caller has gone.
        await using var command = new NpgsqlCommand(Delete, connection) { Parameters = { Parameter.Array(done, NpgsqlDbType.Bigint) } };
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        Sent(done.Length, topic, done[0], done[^1]);
        return outcomes;
    }

    private async Task<RedriveOutcome> SendAsync(PreparedLetter prepared, RedriveTopic rules, CancellationToken cancellationToken)
    {
        if (prepared.Outcome is { } decided) return decided;
        var letter = prepared.Letter;
        try
        {
            await producer.ProduceAsync(letter.Topic, MessageOf(prepared, rules), cancellationToken).WaitAsync(AckTimeout, clock, cancellationToken);
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
    private static Message<byte[], byte[]> MessageOf(PreparedLetter prepared, RedriveTopic rules)
    {
        var message = new Message<byte[], byte[]> { Key = prepared.Letter.Key!, Value = prepared.Letter.Value!, Headers = [] };
        if (rules.EventType is { } eventType) message.Headers.Add(MessageHeaders.EventType, eventType);
        if (prepared.TraceParent is { } traceParent) message.Headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));
        return message;
    }

    [LoggerMessage(20, LogLevel.Information, "Sent {Count} dead letters to {Topic} again, ids {FirstId} to {LastId}")]
    private partial void Sent(int count, string topic, long firstId, long lastId);

    [LoggerMessage(21, LogLevel.Warning, "Kafka has not taken dead letter {Id} for {Topic}; its row stays")]
    private partial void NotTaken(Exception exception, long id, string topic);
}
