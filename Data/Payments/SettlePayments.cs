using System.Globalization;
using Data.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace Data.Payments;

/// <summary>The bank's result for a payment.</summary>
/// <param name="IsSuccess">Whether the money has moved.</param>
/// <param name="BankReference">The bank's reference; null when it sent none.</param>
/// <param name="ErrorMessage">Why it failed, one sentence.</param>
public sealed record BankResult(bool IsSuccess, string? BankReference, string? ErrorMessage)
{
    /// <summary>The payment's final status.</summary>
    public string Status => IsSuccess ? PaymentStatus.Success : PaymentStatus.Failed;
}

/// <summary>A payment to settle.</summary>
/// <param name="PaymentId">The payment's id.</param>
/// <param name="Result">The bank's result.</param>
public readonly record struct PaymentResult(long PaymentId, BankResult Result);

/// <summary>The outcome of settling a payment.</summary>
public enum Settlement
{
    /// <summary>The payment is settled now, and its transfer posted.</summary>
    Settled,

    /// <summary>It was settled before with the same result; nothing has changed.</summary>
    AlreadySettled,

    /// <summary>It was settled before with the other result; nothing has changed.</summary>
    Contradicts,

    /// <summary>There is no such payment.</summary>
    Unknown,
}

/// <summary>
/// Settles payments by the bank's results, each once: the final status, and the transfer of the money or the end of the hold. The transaction locks
/// the payments' rows first, so that another settlement of the same payment, by a callback, a status request or giving up, finds it settled.
/// Two round trips with the commit, however many payments there are: one locks and reads, the other writes.
/// </summary>
public static class SettlePayments
{
    private const string LockPayments = "SELECT id, user_id, type, status, amount, currency FROM payments WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

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
        SET status = said.status, bank_reference = coalesce(said.bank_reference, p.bank_reference), error_message = said.error_message,
            processed_at = now(), updated_at = now()
        FROM unnest($1, $2, $3, $4) AS said (id, status, bank_reference, error_message)
        WHERE p.id = said.id
        """;

    /// <summary>The payment's reference in the ledger.</summary>
    public static string ReferenceOf(long paymentId) => string.Create(CultureInfo.InvariantCulture, $"payment:{paymentId}");

    /// <summary>Settles payments in a transaction of its own.</summary>
    /// <param name="connection">Open, with no transaction.</param>
    /// <param name="results">The results; each payment once.</param>
    /// <param name="cancellationToken">
    /// Cancels the statements. After a cancellation or a broken connection the payments may have been settled; repeat the call.
    /// </param>
    /// <returns>The outcomes, in the order of the results.</returns>
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

    /// <summary>Settles one payment in the caller's transaction.</summary>
    /// <param name="connection">In a transaction, which the caller commits.</param>
    /// <param name="result">The payment and the bank's result.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
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
        Settlement[] settlements = [.. results.Select(result => payments.GetValueOrDefault(result.PaymentId)?.Becomes(result.Result) ?? Settlement.Unknown)];
        PaymentResult[] settled = [.. results.Where((_, n) => settlements[n] == Settlement.Settled)];
        if (settled.Length == 0) return settlements;
        batch.BatchCommands.Add(ToSettle(settled));
        foreach (var result in settled) Post(ledger, payments[result.PaymentId], result);
        WriteLedger.AddTo(batch, ledger);
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
            payments.Add(row.GetInt64(0), new(row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetDecimal(4), row.GetString(5)));
        await row.NextResultAsync(cancellationToken);
        return (payments, await LockedLedger.ReadAsync(row, cancellationToken));
    }

    private static void Post(LockedLedger ledger, LockedPayment payment, PaymentResult result)
    {
        var reference = ReferenceOf(result.PaymentId);
        if (!result.Result.IsSuccess)
        {
            ledger.ReleaseHold(reference);
            return;
        }

        var isDeposit = payment.Type == PaymentType.Deposit;
        var gets = isDeposit ? payment.Amount : -payment.Amount;
        Posting[] postings = [new(ledger.IdOf(payment.User), gets), new(ledger.IdOf(payment.Bank), -gets)];
        var outcome = ledger.Post(new(reference, payment.Type, payment.Currency, postings) { UsingHold = isDeposit ? null : reference });

        // The payment's status, under its row's lock, says that it is not posted, and its hold covers it. Any other outcome means that the ledger was
        // changed by hand.
        if (outcome != PostOutcome.Posted)
            throw new InvalidOperationException($"Payment {result.PaymentId} could not be posted: {outcome}. Run Processor.Worker --check-ledger.");
    }

    private static NpgsqlBatchCommand ToSettle(PaymentResult[] settled) => new(Settle)
    {
        Parameters =
        {
            Parameter.Array([.. settled.Select(payment => payment.PaymentId)], NpgsqlDbType.Bigint),
            Parameter.Array([.. settled.Select(payment => payment.Result.Status)], NpgsqlDbType.Text),
            Parameter.Array([.. settled.Select(payment => payment.Result.BankReference)], NpgsqlDbType.Text),
            Parameter.Array([.. settled.Select(payment => ErrorOf(payment.Result))], NpgsqlDbType.Text),
        },
    };

    private static string? ErrorOf(BankResult result) => result.IsSuccess ? null : result.ErrorMessage ?? "The bank refused it without a reason.";

    private sealed record LockedPayment(long UserId, string Type, string Status, decimal Amount, string Currency)
    {
        public AccountName User => Accounts.OfUser(UserId, Currency);

        public AccountName Bank => Accounts.OfBank(UserId, Currency);

        public Settlement Becomes(BankResult result) => Status is not (PaymentStatus.Success or PaymentStatus.Failed) ? Settlement.Settled
            : Status == result.Status ? Settlement.AlreadySettled
            : Settlement.Contradicts;
    }
}
