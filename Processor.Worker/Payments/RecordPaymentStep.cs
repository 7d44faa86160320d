using Data.Ledger;
using Data.Payments;
using Npgsql;
using Processor.Worker.DeadLetters;

namespace Processor.Worker.Payments;

/// <summary>
/// Records the outcome of a step. Every write carries the claim's number: after the payment was claimed again it does nothing. A payment that was settled
/// meanwhile by the bank's callback stays as it is.
/// </summary>
internal static class RecordPaymentStep
{
    private const string MarkGivenUp = "UPDATE payments SET is_given_up = true WHERE id = $1";

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
