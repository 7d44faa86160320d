using Contracts;
using Data;
using Data.Ledger;
using Data.Payments;
using Npgsql;
using Processor.Worker.DeadLetters;
using Processor.Worker.Work;

namespace Processor.Worker.Payments;

/// <summary>
/// Records the outcome of a step. Every write carries the claim's number: after the payment was claimed again it does nothing. A payment that was settled
/// meanwhile by the bank's callback stays as it is.
/// </summary>
internal static class RecordPaymentStep
{
    // By id alone: as ClaimPayments.
    private const string Retry =
        """
        UPDATE payments
        SET due_at = now() + $2, next_publish_at = now() + $2, attempts = $3, is_unanswered = $4, bank_reference = coalesce($5, bank_reference),
            error_message = $6
        WHERE id = $1 AND claim = $7 AND status || '' IN ('pending', 'processing')
        """;

    private const string IsSuperseded = "SELECT claim <> $2 FROM payments WHERE id = $1";

    private const string MarkGivenUp = "UPDATE payments SET is_given_up = true WHERE id = $1";

    // The commit does not wait for the disk. If a crash of the server undoes it, the row says what it said before the call, that the bank may have been
    // called, and the bank is asked. Under a load of deposits a third of what PostgreSQL's sessions waited for was this commit's place in the log.
    private const string CommitWithoutFlush = "SELECT set_config('synchronous_commit', 'off', true)";

    /// <summary>Releases the claim and makes the payment due again after the wait.</summary>
    public static async Task<RecordedRetry> RetryAsync(
        NpgsqlDataSource database, ClaimedPayment payment, PaymentStep.Retry retry, CancellationToken cancellationToken)
    {
        var update = new NpgsqlBatchCommand(Retry)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = payment.Id },
                Parameter.Interval(retry.Wait),
                new NpgsqlParameter<int> { TypedValue = retry.Attempts },
                new NpgsqlParameter<bool> { TypedValue = retry.IsUnanswered },
                Parameter.Text(StoredText.Clean(retry.BankReference)),
                Parameter.Text(StoredText.Clean(retry.Reason)),
                new NpgsqlParameter<long> { TypedValue = payment.Claim },
            },
        };
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(CommitWithoutFlush));
        batch.BatchCommands.Add(update);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        if (update.RecordsAffected == 1) return RecordedRetry.Recorded;

        await using var look = database.CreateCommand(IsSuperseded);
        look.Parameters.Add(new NpgsqlParameter<long> { TypedValue = payment.Id });
        look.Parameters.Add(new NpgsqlParameter<long> { TypedValue = payment.Claim });
        return await look.ExecuteScalarAsync(cancellationToken) is true ? RecordedRetry.Superseded : RecordedRetry.IsSettled;
    }

    /// <summary>Settles the payment with the bank's result.</summary>
    public static async Task<Settlement> SettleAsync(NpgsqlDataSource database, ClaimedPayment payment, BankResult result, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var settlement = await SettlePayments.RunAsync(connection, new(payment.Id, result, payment.Claim), cancellationToken);
        if (settlement is Settlement.Settled or Settlement.OutOfRange) await CommitLedger.RunAsync(transaction, cancellationToken);
        return settlement;
    }

    /// <summary>Fails the payment, marks it as given up, and writes its dead letter, in one commit.</summary>
    public static async Task<Settlement> GiveUpAsync(
        NpgsqlDataSource database, ClaimedPayment payment, string reason, DeadRecord letter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var settlement = await SettlePayments.RunAsync(connection, new(payment.Id, new BankResult(false, null, reason), payment.Claim), cancellationToken);
        if (settlement != Settlement.Settled) return settlement;
        await using (var mark = new NpgsqlCommand(MarkGivenUp, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = payment.Id } } })
            await mark.ExecuteNonQueryAsync(cancellationToken);
        await InsertDeadLetter.RunAsync(connection, letter, cancellationToken);
        await CommitLedger.RunAsync(transaction, cancellationToken);
        return settlement;
    }
}
