using System.Globalization;
using Contracts;
using Data.Ledger;
using Data.Webhooks;
using Npgsql;
using NpgsqlTypes;

namespace Data.Payments;

/// <summary>
/// Settles payments with the bank's results, each once: the final status, and the transfer of the money or the release of the hold. The transaction locks the
/// payments' rows first, so of two that settle the same payment at the same time (a callback, an answer of the bank, giving up) the second finds it settled.
/// Two round trips including the commit, however many payments: one locks and reads, one writes.
/// </summary>
public static class SettlePayments
{
    private const string LockPayments = "SELECT id, user_id, type, status, amount, currency, claim FROM payments WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

    private static readonly string LockAccounts =
        $"""
        SELECT {LockedLedger.Columns} FROM accounts
        WHERE (owner, currency) IN (
            SELECT owner, currency FROM payments, LATERAL (VALUES {Accounts.OwnersOfUserId}) AS owners (owner) WHERE payments.id = ANY ($1))
        ORDER BY id FOR NO KEY UPDATE
        """;

    private const string Settle =
        """
        UPDATE payments AS p
        SET status = r.status, bank_reference = coalesce(r.bank_reference, p.bank_reference), error_message = r.error_message,
            processed_at = now(), updated_at = now()
        FROM unnest($1, $2, $3, $4) AS r (id, status, bank_reference, error_message)
        WHERE p.id = r.id
        """;

    private const string TooLarge =
        "The bank carried it out, but the balance would be larger than the ledger can store. The bank has to return the money: contact support.";

    /// <summary>The reference of a payment's transfer and hold, and the bank's idempotency key: <c>payment:123</c>.</summary>
    public static string ReferenceOf(long paymentId) => string.Create(CultureInfo.InvariantCulture, $"payment:{paymentId}");

    /// <summary>Settles payments in a transaction of its own.</summary>
    /// <param name="connection">Open, with no transaction.</param>
    /// <param name="results">Each payment once.</param>
    /// <param name="cancellationToken">The caller's. After a cancellation or a broken connection the payments may be settled; calling again is safe.</param>
    /// <returns>One outcome a result, in the same order.</returns>
    public static async Task<IReadOnlyList<Settlement>> AndCommitAsync(
        NpgsqlConnection connection, IReadOnlyList<PaymentResult> results, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var settlements = await DecideAsync(batch, results, cancellationToken);
        if (batch.BatchCommands.Count == 0) return settlements;
        CommitLedger.AddTo(batch);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return settlements;
    }

    /// <summary>Settles one payment.</summary>
    /// <param name="connection">In a transaction, which the caller commits.</param>
    /// <param name="result">The payment and its result.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<Settlement> RunAsync(NpgsqlConnection connection, PaymentResult result, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var settlement = (await DecideAsync(batch, [result], cancellationToken))[0];
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
        return settlement;
    }

    private static async Task<Settlement[]> DecideAsync(NpgsqlBatch batch, IReadOnlyList<PaymentResult> results, CancellationToken cancellationToken)
    {
        var (payments, ledger) = await LockAsync(batch.Connection!, [.. results.Select(result => result.PaymentId)], cancellationToken);
        Settlement[] settlements = [.. results.Select(result => payments.GetValueOrDefault(result.PaymentId)?.Becomes(result) ?? Settlement.Unknown)];
        var settled = new List<PaymentResult>(results.Count);
        for (var n = 0; n < results.Count; n++)
        {
            if (settlements[n] != Settlement.Settled) continue;
            settled.Add(Post(ledger, payments[results[n].PaymentId], results[n]));
            if (settled[^1].Result.Status != results[n].Result.Status) settlements[n] = Settlement.OutOfRange;
        }

        if (settled.Count == 0) return settlements;
        batch.BatchCommands.Add(ToSettle(settled));
        WriteLedger.AddTo(batch, ledger);
        batch.BatchCommands.Add(NewEvents.ToPayments([.. settled.Select(payment => payment.PaymentId)]));
        return settlements;
    }

    private static async Task<(Dictionary<long, LockedPayment> Payments, LockedLedger Ledger)> LockAsync(
        NpgsqlConnection connection, long[] ids, CancellationToken cancellationToken)
    {
        var (payments, ledger) = await LockThoseThereAsync(connection, ids, cancellationToken);
        AccountName[] missing = [.. payments.Values.SelectMany(payment => (AccountName[])[payment.User, payment.Bank]).Where(name => !ledger.Has(name))];
        if (missing.Length == 0) return (payments, ledger);
        await OpenAccount.RunAsync(connection, missing, cancellationToken); // A user's first payment.
        return await LockThoseThereAsync(connection, ids, cancellationToken);
    }

    private static async Task<(Dictionary<long, LockedPayment> Payments, LockedLedger Ledger)> LockThoseThereAsync(
        NpgsqlConnection connection, long[] ids, CancellationToken cancellationToken)
    {
        string[] references = [.. ids.Select(ReferenceOf)];
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(LockPayments) { Parameters = { Parameter.Array(ids, NpgsqlDbType.Bigint) } });
        LockedLedger.AddTo(batch, new(LockAccounts) { Parameters = { Parameter.Array(ids, NpgsqlDbType.Bigint) } }, references, holds: references);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var payments = new Dictionary<long, LockedPayment>(ids.Length);
        while (await row.ReadAsync(cancellationToken))
            payments.Add(row.GetInt64(0), new(row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetDecimal(4), row.GetString(5), row.GetInt64(6)));
        await row.NextResultAsync(cancellationToken);
        return (payments, await LockedLedger.ReadAsync(row, cancellationToken));
    }

    /// <summary>Posts the transfer, or releases the hold; returns the result to write.</summary>
    private static PaymentResult Post(LockedLedger ledger, LockedPayment payment, PaymentResult result)
    {
        var reference = ReferenceOf(result.PaymentId);
        if (!result.Result.IsSuccess)
        {
            ledger.ReleaseHold(reference);
            return result;
        }

        var isDeposit = payment.Type == PaymentType.Deposit;
        var gets = isDeposit ? payment.Amount : -payment.Amount;
        var (user, bank) = (new Posting(ledger.IdOf(payment.User), gets), new Posting(ledger.IdOf(payment.Bank), -gets));
        var outcome = ledger.Post(new(reference, payment.Type, payment.Currency, user, bank)
        {
            UsingHold = isDeposit ? null : reference,
        });

        if (outcome == PostOutcome.BalanceOutOfRange)
        {
            ledger.ReleaseHold(reference);
            return result with { Result = new(IsSuccess: false, result.Result.BankReference, TooLarge) };
        }

        // The row is locked and not settled, so its transfer is not posted, and its hold covers it: any other outcome means that the tables were changed by
        // hand.
        return outcome == PostOutcome.Posted
            ? result
            : throw new InvalidOperationException($"Payment {result.PaymentId} could not be posted: {outcome}. Run Processor.Worker --check-ledger.");
    }

    private static NpgsqlBatchCommand ToSettle(List<PaymentResult> settled) => new(Settle)
    {
        Parameters =
        {
            Parameter.Array([.. settled.Select(payment => payment.PaymentId)], NpgsqlDbType.Bigint),
            Parameter.Array([.. settled.Select(payment => payment.Result.Status)], NpgsqlDbType.Text),
            Parameter.Array([.. settled.Select(payment => StoredText.Clean(payment.Result.BankReference))], NpgsqlDbType.Text),
            Parameter.Array([.. settled.Select(payment => ErrorOf(payment.Result))], NpgsqlDbType.Text),
        },
    };

    private static string? ErrorOf(BankResult result) =>
        result.IsSuccess ? null : StoredText.Clean(result.ErrorMessage) ?? "The bank refused it without a reason.";

    private sealed record LockedPayment(long UserId, string Type, string Status, decimal Amount, string Currency, long Claim)
    {
        public AccountName User => Accounts.OfUser(UserId, Currency);

        public AccountName Bank => Accounts.OfBank(UserId, Currency);

        public Settlement Becomes(PaymentResult result) =>
            Status is PaymentStatus.Success or PaymentStatus.Failed ? (Status == result.Result.Status ? Settlement.AlreadySettled : Settlement.Contradicts)
            : result.Claim is { } claim && claim != Claim ? Settlement.Superseded
            : Settlement.Settled;
    }
}
