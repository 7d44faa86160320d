using Data;
using Data.Ledger;
using Data.Payments;
using Npgsql;
using Processor.Worker.DeadLetters;

namespace Processor.Worker.Payments;

/// <summary>Writes down what came of a step. A payment that was settled meanwhile, by the bank's callback, stays as it is.</summary>
internal static class RecordStep
{
    // By id alone: as ClaimPayments.
    private const string Wait =
        """
        UPDATE payments
        SET due_at = now() + $2, next_publish_at = now() + $2, attempts = $3, is_unanswered = $4, bank_reference = coalesce($5, bank_reference),
            error_message = $6
        WHERE id = $1 AND status || '' IN ('pending', 'processing')
        """;

    // Not waited for until it is on disk: should a crash of the server take it back, the row says what it said before the call, that the bank may have been called, and the
    // bank is asked. Of what PostgreSQL's sessions were seen doing under deposits, a third was waiting for this commit's place in the log.
    private const string NeedNotLast = "SELECT set_config('synchronous_commit', 'off', true)";

    /// <summary>It is looked at again after the wait.</summary>
    public static async Task WaitAsync(NpgsqlDataSource database, long paymentId, PaymentStep.Wait wait, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(NeedNotLast));
        batch.BatchCommands.Add(new(Wait)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = paymentId },
                Parameter.Interval(wait.For),
                new NpgsqlParameter<int> { TypedValue = wait.Attempts },
                new NpgsqlParameter<bool> { TypedValue = wait.IsUnanswered },
                Parameter.Text(wait.BankReference),
                Parameter.Text(wait.Reason),
            },
        });
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>It is settled; with <paramref name="letter"/> it is a dead letter too, in the same commit.</summary>
    public static async Task<Settlement> SettleAsync(
        NpgsqlDataSource database, long paymentId, BankResult result, DeadRecord? letter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var settlement = await SettlePayments.RunAsync(connection, new(paymentId, result), cancellationToken);
        if (settlement != Settlement.Settled) return settlement;
        if (letter is not null) await InsertDeadLetter.RunAsync(connection, letter, cancellationToken);
        await CommitLedger.RunAsync(transaction, cancellationToken);
        return settlement;
    }
}
