using Data.Ledger;
using Npgsql;

namespace Data.Payments;

/// <summary>What reopening a payment did. Anything but <see cref="Reopened"/> has changed nothing.</summary>
public enum ReopenOutcome
{
    /// <summary>The payment is open again: a worker asks the bank for its state, and calls the bank if it does not have it.</summary>
    Reopened,

    /// <summary>The payment is still open, succeeded, or was refused by the bank: there is nothing to try again.</summary>
    NotGivenUp,

    /// <summary>It is a withdrawal, its hold was released when it was given up, and the available balance no longer covers it.</summary>
    InsufficientBalance,

    /// <summary>There is no such payment.</summary>
    Unknown,
}

/// <summary>
/// Opens a payment again that was given up: the bank did not accept it within its retries, so it was failed. The row becomes processing and unanswered, so
/// the next claim asks the bank before it calls it; its retries start over; the claim number rises, so no worker that still has an earlier claim can write;
/// the relay publishes it at once.
/// </summary>
public static class ReopenPayment
{
    private const string Lock = "SELECT user_id, type, amount, currency, is_given_up FROM payments WHERE id = $1 FOR UPDATE";

    private const string Reopen =
        """
        UPDATE payments
        SET status = 'processing', is_given_up = false, is_unanswered = true, attempts = 0, claim = claim + 1, error_message = NULL, processed_at = NULL,
            due_at = now(), next_publish_at = now(), updated_at = now()
        WHERE id = $1
        """;

    /// <summary>
    /// Reopens a payment. Four round trips for a withdrawal, two for a deposit; the payment's row and the user's account stay locked until
    /// the transaction ends.
    /// </summary>
    /// <param name="connection">In a transaction, which the caller commits; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="paymentId">The payment's id.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<ReopenOutcome> RunAsync(NpgsqlConnection connection, long paymentId, CancellationToken cancellationToken)
    {
        if (await LockAsync(connection, paymentId, cancellationToken) is not { } payment) return ReopenOutcome.Unknown;
        if (!payment.IsGivenUp) return ReopenOutcome.NotGivenUp;
        var isCovered = payment.Type != PaymentType.Withdrawal || await HoldAsync(connection, paymentId, payment, cancellationToken);
        if (!isCovered) return ReopenOutcome.InsufficientBalance;

        await using var reopen = new NpgsqlCommand(Reopen, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = paymentId } } };
        await reopen.ExecuteNonQueryAsync(cancellationToken);
        return ReopenOutcome.Reopened;
    }

    private static async Task<LockedPayment?> LockAsync(NpgsqlConnection connection, long paymentId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Lock, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = paymentId } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? new(row.GetInt64(0), row.GetString(1), row.GetDecimal(2), row.GetString(3), row.GetBoolean(4)) : null;
    }

    private static Task<bool> HoldAsync(NpgsqlConnection connection, long paymentId, LockedPayment payment, CancellationToken cancellationToken)
    {
        var account = Accounts.OfUser(payment.UserId, payment.Currency);
        return PlaceHold.RunAsync(connection, SettlePayments.ReferenceOf(paymentId), account, payment.Amount, cancellationToken);
    }

    private sealed record LockedPayment(long UserId, string Type, decimal Amount, string Currency, bool IsGivenUp);
}
