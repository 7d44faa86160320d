using System.Globalization;
using Data.Ledger;
using Npgsql;

namespace Data.Payments;

/// <summary>What the bank says has become of a payment.</summary>
/// <param name="IsSuccess">Whether the money has moved.</param>
/// <param name="BankReference">The bank's name for it; null when it told none.</param>
/// <param name="ErrorMessage">Why it has not, one sentence.</param>
public sealed record BankResult(bool IsSuccess, string? BankReference, string? ErrorMessage)
{
    /// <summary>The status that it settles a payment to.</summary>
    public string Status => IsSuccess ? PaymentStatus.Success : PaymentStatus.Failed;
}

/// <summary>What settling has come to.</summary>
public enum Settlement
{
    /// <summary>It is settled now, and posted.</summary>
    Settled,

    /// <summary>It was settled so before; nothing has changed.</summary>
    AlreadySo,

    /// <summary>It was settled otherwise before; nothing has changed.</summary>
    Contradicts,

    /// <summary>There is no such payment.</summary>
    Unknown,
}

/// <summary>
/// Settles a payment by what the bank says, once: its final status, the transfer of its money or the end of its hold. In the caller's transaction, which
/// locks the payment's row first: whoever else settles it at the same time, by a callback, by asking or by giving up, finds it settled.
/// </summary>
public static class SettlePayment
{
    private const string Lock = "SELECT user_id, type, status, amount, currency FROM payments WHERE id = $1 FOR UPDATE";

    private const string Settle =
        """
        UPDATE payments
        SET status = $2, bank_reference = coalesce($3, bank_reference), error_message = $4, processed_at = now(), updated_at = now()
        WHERE id = $1
        """;

    /// <summary>What the ledger knows a payment by.</summary>
    public static string ReferenceOf(long paymentId) => string.Create(CultureInfo.InvariantCulture, $"payment:{paymentId}");

    /// <summary>Settles it.</summary>
    /// <param name="connection">In a transaction, which the caller commits.</param>
    /// <param name="paymentId">Which.</param>
    /// <param name="result">What the bank says.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<Settlement> RunAsync(NpgsqlConnection connection, long paymentId, BankResult result, CancellationToken cancellationToken)
    {
        if (await LockAsync(connection, paymentId, cancellationToken) is not { } payment) return Settlement.Unknown;
        if (payment.Status is PaymentStatus.Success or PaymentStatus.Failed)
            return payment.Status == result.Status ? Settlement.AlreadySo : Settlement.Contradicts;

        await using var command = new NpgsqlCommand(Settle, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = paymentId },
                new NpgsqlParameter<string> { TypedValue = result.Status },
                Value.Text(result.BankReference),
                Value.Text(result.IsSuccess ? null : result.ErrorMessage ?? "The bank refused it without a reason."),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);

        // Last, since it locks accounts that others want until the commit: the payment's own row nobody else wants.
        if (result.IsSuccess) await PostAsync(connection, paymentId, payment, cancellationToken);
        else if (payment.Type == PaymentType.Withdrawal) await ReleaseHold.RunAsync(connection, ReferenceOf(paymentId), cancellationToken);
        return Settlement.Settled;
    }

    private static async Task<LockedPayment?> LockAsync(NpgsqlConnection connection, long paymentId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Lock, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = paymentId } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetDecimal(3), row.GetString(4))
            : null;
    }

    private static async Task PostAsync(NpgsqlConnection connection, long paymentId, LockedPayment payment, CancellationToken cancellationToken)
    {
        var user = await OpenAccount.RunAsync(connection, Accounts.OfUser(payment.UserId, payment.Currency), cancellationToken);
        var bank = await OpenAccount.RunAsync(connection, Accounts.OfBank(user, payment.Currency), cancellationToken);
        var isDeposit = payment.Type == PaymentType.Deposit;
        var gets = isDeposit ? payment.Amount : -payment.Amount;
        var reference = ReferenceOf(paymentId);
        var transfer = new NewTransfer(reference, payment.Type, payment.Currency, new Posting(user, gets), new Posting(bank, -gets)) { UsingHold = isDeposit ? null : reference };
        var outcome = await PostTransfer.RunAsync(connection, transfer, cancellationToken);

        // The row's lock and its status say that it is not posted, and its hold that it is covered: anything else is a ledger that was tampered with.
        if (outcome != PostOutcome.Posted) throw new InvalidOperationException($"Payment {paymentId} could not be posted: {outcome}. Run Processor.Worker --check-ledger.");
    }

    private sealed record LockedPayment(long UserId, string Type, string Status, decimal Amount, string Currency);
}
