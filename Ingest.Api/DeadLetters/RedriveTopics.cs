using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Contracts;
using Data;
using Data.DeadLetters;
using Data.Payments;
using Data.Transactions;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.DeadLetters;

/// <summary>What is to be done with a dead letter: its record is sent, or (<paramref name="Outcome"/>) it is decided without Kafka.</summary>
/// <param name="Letter">The dead letter, with the body to send.</param>
/// <param name="Outcome">Null: send the record. Else what became of it.</param>
/// <param name="TraceParent">The trace that the record belongs to; null for none.</param>
internal sealed record PreparedLetter(StoredDeadLetter Letter, RedriveOutcome? Outcome = null, string? TraceParent = null);

/// <summary>What redriving means for the records of a topic.</summary>
/// <param name="EventType">The record's header event_type; null for none.</param>
/// <param name="PrepareAsync">Decides about each of the letters, which the caller has locked, in order.</param>
internal sealed record RedriveTopic(
    byte[]? EventType, Func<NpgsqlConnection, IReadOnlyList<StoredDeadLetter>, CancellationToken, Task<IReadOnlyList<PreparedLetter>>> PrepareAsync);

/// <summary>The topics whose dead letters are more than a record to be sent as it is. A new topic with rules of its own gets a line here.</summary>
internal static class RedriveTopics
{
    private const string FindTransactions =
        """
        SELECT transaction_id, source_account, destination_account, amount, currency, created_at, traceparent
        FROM transactions WHERE transaction_id = ANY ($1)
        """;

    private static readonly FrozenDictionary<string, RedriveTopic> ByName = new Dictionary<string, RedriveTopic>
    {
        [Topics.Transactions] = new(Encoding.UTF8.GetBytes(EventTypes.TransactionAccepted), WithBodiesFromRowsAsync),
        [Topics.Payments] = new(Encoding.UTF8.GetBytes(EventTypes.PaymentDue), WithPaymentsReopenedAsync),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly RedriveTopic Other = new(
        EventType: null, (_, letters, _) => Task.FromResult<IReadOnlyList<PreparedLetter>>([.. letters.Select(letter => new PreparedLetter(letter))]));

    /// <summary>The rules of a topic. Of one that is not in the table, records are sent as they are.</summary>
    public static RedriveTopic Of(string topic) => ByName.GetValueOrDefault(topic, Other);

    /// <summary>A record whose transaction was unknown was kept without its body; the body is made from the transaction's row, once there is one.</summary>
    private static async Task<IReadOnlyList<PreparedLetter>> WithBodiesFromRowsAsync(
        NpgsqlConnection connection, IReadOnlyList<StoredDeadLetter> letters, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, (byte[] Body, string? TraceParent)>(StringComparer.Ordinal);
        string[] ids = [.. letters.Where(HasNoBody).Select(TransactionIdOf).OfType<string>().Distinct()];
        if (ids.Length > 0)
        {
            await using var command = new NpgsqlCommand(FindTransactions, connection) { Parameters = { Parameter.Array(ids, NpgsqlDbType.Text) } };
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                var message = MessageRow.Read(row);
                var body = JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.TransactionMessage);
                rows[message.TransactionId] = (body, row.TextOrNull(6));
            }
        }

        return [.. letters.Select(letter => !HasNoBody(letter) ? new PreparedLetter(letter)
            : TransactionIdOf(letter) is { } id && rows.TryGetValue(id, out var found) ? new(letter with { Value = found.Body }, TraceParent: found.TraceParent)
            : new(letter, RedriveOutcome.NoTransaction))];
    }

    private static bool HasNoBody(StoredDeadLetter letter) => letter.Reason == DeadLetterReason.UnknownTransaction && letter.Value is null;

    /// <summary>The letter's key, when that can be a transaction_id.</summary>
    private static string? TransactionIdOf(StoredDeadLetter letter) =>
        letter.Key is { Length: <= Ids.MaxLength } key && Encoding.UTF8.GetString(key) is var id && Ids.IsValid(id) ? id : null;

    /// <summary>
    /// A payment that was given up is failed, so the worker would ignore its record: its row is opened again, in the transaction that deletes the letter. The
    /// row is its own outbox, and the relay publishes it; Kafka is not needed. Other letters are records to be sent.
    /// </summary>
    private static async Task<IReadOnlyList<PreparedLetter>> WithPaymentsReopenedAsync(
        NpgsqlConnection connection, IReadOnlyList<StoredDeadLetter> letters, CancellationToken cancellationToken)
    {
        var prepared = new List<PreparedLetter>(letters.Count);
        foreach (var letter in letters)
        {
            prepared.Add(letter.Reason != DeadLetterReason.GivenUp ? new(letter) : new(letter, PaymentIdOf(letter) is not { } id
                ? RedriveOutcome.NoPayment
                : await ReopenPayment.RunAsync(connection, id, cancellationToken) switch
                {
                    ReopenOutcome.Reopened => RedriveOutcome.Redriven,
                    ReopenOutcome.NotGivenUp => RedriveOutcome.NotGivenUp,
                    ReopenOutcome.InsufficientBalance => RedriveOutcome.InsufficientBalance,
                    _ => RedriveOutcome.NoPayment,
                }));
        }

        return prepared;
    }

    private static long? PaymentIdOf(StoredDeadLetter letter)
    {
        try
        {
            return JsonSerializer.Deserialize(letter.Value, MessageJson.Default.PaymentMessage)?.PaymentId;
        }
        catch (JsonException)
        {
            return null; // The caller's repair.
        }
    }
}
