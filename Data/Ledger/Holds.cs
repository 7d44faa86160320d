using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>Promises money of an account to something. It ends by <see cref="ReleaseHold"/>, or by a transfer <see cref="NewTransfer.UsingHold"/>.</summary>
public static class PlaceHold
{
    private const string Sql = "SELECT place_hold($1, $2, $3)";

    /// <summary>
    /// False: what is available does not cover it, and nothing happened. Again with the same content, while it is there: true, and nothing happens. One round
    /// trip; the account is locked until the transaction ends.
    /// </summary>
    /// <param name="connection">Open; in the caller's transaction when there is one; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="reference">What it is for, such as <c>payment:123</c>.</param>
    /// <param name="accountId">Whose money.</param>
    /// <param name="amount">How much; more than 0.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="ArgumentException">The amount is not more than 0 or has more than four decimals.</exception>
    /// <exception cref="PostgresException">There is no such account, or a hold of this reference with another amount or account.</exception>
    public static async Task<bool> RunAsync(
        NpgsqlConnection connection, string reference, long accountId, decimal amount, CancellationToken cancellationToken)
    {
        if (amount <= 0 || !Money.Fits(amount))
            throw new ArgumentException($"Hold {reference} is of {amount}; it needs more than 0 and at most {Money.Decimals} decimals.", nameof(amount));
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reference, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = accountId, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter<decimal> { TypedValue = amount, NpgsqlDbType = NpgsqlDbType.Numeric });
        await command.PrepareAsync(cancellationToken);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

/// <summary>Gives back what was promised.</summary>
public static class ReleaseHold
{
    private const string Sql = "SELECT release_hold($1)";

    /// <summary>False: there is no such hold (any more), and nothing happened. One round trip; the account is locked until the transaction ends.</summary>
    /// <param name="connection">Open; in the caller's transaction when there is one; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="reference">As it was placed.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<bool> RunAsync(NpgsqlConnection connection, string reference, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reference, NpgsqlDbType = NpgsqlDbType.Text });
        await command.PrepareAsync(cancellationToken);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
