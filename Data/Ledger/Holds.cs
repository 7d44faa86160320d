using Npgsql;

namespace Data.Ledger;

/// <summary>
/// Reserves money of an account for one purpose. The hold ends with a transfer that uses it (<see cref="NewTransfer.UsingHold"/>), or when the
/// operation that it is for fails. One round trip locks and reads the account, a second one writes.
/// </summary>
public static class PlaceHold
{
    private const string LockAccount = $"SELECT {LockedLedger.Columns} FROM accounts WHERE owner = $1 AND currency = $2 FOR NO KEY UPDATE";

    private const string ReadAvailable = "SELECT balance - held FROM accounts WHERE owner = $1 AND currency = $2";

    /// <summary>
    /// Returns false when the available amount does not cover the hold; nothing has changed then. A repeated call with the same arguments
    /// returns true and changes nothing while the hold exists.
    /// </summary>
    /// <param name="connection">
    /// In a transaction, which the caller commits; READ COMMITTED, PostgreSQL's default. The account stays locked until it ends.
    /// </param>
    /// <param name="reference">What the hold is for, such as <c>payment:123</c>.</param>
    /// <param name="account">The account. One that does not exist has nothing available.</param>
    /// <param name="amount">The amount; greater than 0, at most four decimals.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    /// <exception cref="ArgumentException">The amount is invalid, or a hold with this reference exists with another amount or account.</exception>
    public static async Task<bool> RunAsync(
        NpgsqlConnection connection, string reference, AccountName account, decimal amount, CancellationToken cancellationToken)
    {
        if (amount <= 0 || !Money.Fits(amount))
            throw new ArgumentException($"Hold {reference} is of {amount}; it needs more than 0 and at most {Money.Decimals} decimals.", nameof(amount));
        var ledger = await LockAsync(connection, reference, account, cancellationToken);
        if (!ledger.PlaceHold(reference, account, amount)) return false;
        await using var batch = new NpgsqlBatch(connection);
        WriteLedger.AddTo(batch, ledger);
        if (batch.BatchCommands.Count == 0) return true;
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// The amount that a hold can take; 0 without an account. After a hold that was not covered the account is still locked, so this is what it met.
    /// </summary>
    /// <param name="connection">In the transaction of the hold.</param>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<decimal> AvailableAsync(NpgsqlConnection connection, AccountName account, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadAvailable, connection)
        {
            Parameters = { Parameter.Text(account.Owner), Parameter.Text(account.Currency) },
        };
        return (decimal?)await command.ExecuteScalarAsync(cancellationToken) ?? 0;
    }

    private static async Task<LockedLedger> LockAsync(NpgsqlConnection connection, string reference, AccountName account, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        LockedLedger.AddTo(
            batch,
            new(LockAccount) { Parameters = { Parameter.Text(account.Owner), Parameter.Text(account.Currency) } },
            references: [],
            holds: [reference]);
        await batch.PrepareAsync(cancellationToken);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await LockedLedger.ReadAsync(row, cancellationToken);
    }
}
