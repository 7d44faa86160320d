using System.Globalization;
using Data.Ledger;
using Npgsql;
using NpgsqlTypes;

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

/// <summary>A payment that is to be settled.</summary>
/// <param name="PaymentId">Which.</param>
/// <param name="Result">What the bank says of it.</param>
public readonly record struct PaymentResult(long PaymentId, BankResult Result);

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
/// Settles payments by what the bank says, each once: its final status, the transfer of its money or the end of its hold. In a transaction that
/// locks the payments' rows first: whoever else settles one of them at the same time, by a callback, by asking or by giving up, finds it settled.
/// Four round trips with the commit, however many there are.
/// </summary>
public static class SettlePayments
{
    private const string Lock = "SELECT id, user_id, type, status, amount, currency FROM payments WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

    private const string Settle =
        """
        UPDATE payments AS p
        SET status = said.status, bank_reference = coalesce(said.bank_reference, p.bank_reference), error_message = said.error_message,
            processed_at = now(), updated_at = now()
        FROM unnest($1, $2, $3, $4) AS said (id, status, bank_reference, error_message)
        WHERE p.id = said.id
        """;

    /// <summary>What the ledger knows a payment by.</summary>
    public static string ReferenceOf(long paymentId) => string.Create(CultureInfo.InvariantCulture, $"payment:{paymentId}");

    /// <summary>Settles them in a transaction of its own.</summary>
    /// <param name="connection">Open, with no transaction.</param>
    /// <param name="results">Each payment once.</param>
    /// <param name="cancellationToken">The caller's. Cancelled or broken off: they may have been settled; tell it again.</param>
    /// <returns>What it came to, in their order.</returns>
    public static async Task<IReadOnlyList<Settlement>> AndCommitAsync(
        NpgsqlConnection connection, IReadOnlyList<PaymentResult> results, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var settlements = await DecideAsync(batch, results, cancellationToken);
        if (batch.BatchCommands.Count == 0) return settlements;
        CommitLedger.AddTo(batch);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return settlements;
    }

    /// <summary>Settles one of them.</summary>
    /// <param name="connection">In a transaction, which the caller commits.</param>
    /// <param name="result">Which, and what the bank says of it.</param>
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
        var locked = await LockAsync(batch.Connection!, [.. results.Select(result => result.PaymentId)], cancellationToken);
        Settlement[] settlements = [.. results.Select(result => locked.GetValueOrDefault(result.PaymentId).Becomes(result.Result))];
        PaymentResult[] settled = [.. results.Where((_, n) => settlements[n] == Settlement.Settled)];
        if (settled.Length == 0) return settlements;

        batch.BatchCommands.Add(ToSettle(settled));
        Move[] moves = [.. settled.Select(result => new Move(result.PaymentId, locked[result.PaymentId], result.Result.IsSuccess)).Where(move => move.IsOfMoney)];
        if (moves.Length > 0) await PostAsync(batch, moves, cancellationToken);
        return settlements;
    }

    private static async Task<Dictionary<long, LockedPayment>> LockAsync(NpgsqlConnection connection, long[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Lock, connection) { Parameters = { Column.Of(ids, NpgsqlDbType.Bigint) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var locked = new Dictionary<long, LockedPayment>(ids.Length);
        while (await row.ReadAsync(cancellationToken)) locked.Add(row.GetInt64(0), new(row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetDecimal(4), row.GetString(5)));
        return locked;
    }

    private static NpgsqlBatchCommand ToSettle(PaymentResult[] settled) => new(Settle)
    {
        Parameters =
        {
            Column.Of([.. settled.Select(payment => payment.PaymentId)], NpgsqlDbType.Bigint),
            Column.Of([.. settled.Select(payment => payment.Result.Status)], NpgsqlDbType.Text),
            Column.Of([.. settled.Select(payment => payment.Result.BankReference)], NpgsqlDbType.Text),
            Column.Of([.. settled.Select(payment => payment.Result.IsSuccess ? null : payment.Result.ErrorMessage ?? "The bank refused it without a reason.")], NpgsqlDbType.Text),
        },
    };

    private static async Task PostAsync(NpgsqlBatch batch, Move[] moves, CancellationToken cancellationToken)
    {
        var accounts = await OpenAccount.RunAsync(batch.Connection!, moves.SelectMany(move => (AccountName[])[move.User, move.Bank]), cancellationToken);
        var posted = await PostTransfers.DecideAsync(
            batch.Connection!,
            [.. moves.Where(move => move.IsSuccess).Select(move => move.ToTransfer(accounts))],
            [.. moves.Where(move => !move.IsSuccess).Select(move => new HoldToRelease(move.Reference, accounts[move.User]))],
            cancellationToken);

        // The row's lock and its status say that it is not posted, and its hold that it is covered: anything else is a ledger that was tampered with.
        if (posted.Outcomes.Any(outcome => outcome != PostOutcome.Posted))
            throw new InvalidOperationException($"Of payments {string.Join(", ", moves.Select(move => move.PaymentId))} one could not be posted: {string.Join(", ", posted.Outcomes)}. Run Processor.Worker --check-ledger.");
        posted.AddTo(batch);
    }

    private readonly record struct LockedPayment(long UserId, string Type, string? Status, decimal Amount, string Currency)
    {
        public Settlement Becomes(BankResult result) => Status switch
        {
            null => Settlement.Unknown,
            PaymentStatus.Success or PaymentStatus.Failed => Status == result.Status ? Settlement.AlreadySo : Settlement.Contradicts,
            _ => Settlement.Settled,
        };
    }

    /// <summary>What settling a payment does to the ledger.</summary>
    private readonly record struct Move(long PaymentId, LockedPayment Payment, bool IsSuccess)
    {
        public bool IsOfMoney => IsSuccess || !IsDeposit;

        public string Reference => ReferenceOf(PaymentId);

        public AccountName User => Accounts.OfUser(Payment.UserId, Payment.Currency);

        public AccountName Bank => Accounts.OfBank(Payment.UserId, Payment.Currency);

        private bool IsDeposit => Payment.Type == PaymentType.Deposit;

        public NewTransfer ToTransfer(Dictionary<AccountName, long> accounts)
        {
            var gets = IsDeposit ? Payment.Amount : -Payment.Amount;
            return new(Reference, Payment.Type, Payment.Currency, new Posting(accounts[User], gets), new Posting(accounts[Bank], -gets)) { UsingHold = IsDeposit ? null : Reference };
        }
    }
}
