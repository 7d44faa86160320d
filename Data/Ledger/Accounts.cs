using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>Whose account in which currency, before its id is known; see <see cref="OpenAccount"/>.</summary>
/// <param name="Owner"><see cref="Account.Owner"/>.</param>
/// <param name="Kind"><see cref="Account.Kind"/>.</param>
/// <param name="Currency"><see cref="Account.Currency"/>.</param>
public readonly record struct AccountName(string Owner, string Kind, string Currency);

/// <summary>The accounts there are.</summary>
public static class Accounts
{
    /// <summary>
    /// How many accounts the bank has in a currency. An account is locked from its transfer until the commit, so with one of them every
    /// deposit and withdrawal in the house would wait for every other. With 16, two batches of ten payments nearly always had one in common; with 256
    /// every third time. What the bank has is the sum over all.
    /// </summary>
    private const int OfBankInAll = 256;

    /// <summary>For statements that have a <c>user_id</c>: the owners <see cref="OfUser"/> and <see cref="OfBank"/> name.</summary>
    internal static string OwnersOfUserId => $"('user:' || user_id), ('bank:' || user_id % {OfBankInAll})";

    /// <summary>A user's: <c>user:1</c>.</summary>
    /// <param name="userId"><c>users.id</c>.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfUser(long userId, string currency) => new($"user:{userId}", AccountKind.User, currency);

    /// <summary>The bank's that deals with a user: <c>bank:0</c> to <c>bank:255</c>.</summary>
    /// <param name="userId">Whose money comes or goes. The same one always deals with the same of the bank's.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfBank(long userId, string currency) => new($"bank:{userId % OfBankInAll}", AccountKind.Bank, currency);
}

/// <summary>Finds an account, or opens it with nothing in it.</summary>
public static class OpenAccount
{
    private const string Sql = "SELECT open_account($1, $2, $3)";

    private const string ManySql = "SELECT open_account(owner, kind, currency) FROM unnest($1, $2, $3) WITH ORDINALITY AS a (owner, kind, currency, n) ORDER BY n";

    /// <summary>Returns the account's id. One round trip.</summary>
    /// <param name="connection">Open; in the caller's transaction when there is one.</param>
    /// <param name="account">One of <see cref="Accounts"/>.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<long> RunAsync(NpgsqlConnection connection, AccountName account, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(Value.Text(account.Owner));
        command.Parameters.Add(Value.Text(account.Kind));
        command.Parameters.Add(Value.Text(account.Currency));
        await command.PrepareAsync(cancellationToken);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Opens those of several that are not there. One round trip.</summary>
    /// <param name="connection">Open; in the caller's transaction when there is one.</param>
    /// <param name="accounts">Each of <see cref="Accounts"/>; the same one may stand there more than once.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task RunAsync(NpgsqlConnection connection, IEnumerable<AccountName> accounts, CancellationToken cancellationToken)
    {
        // In one order everywhere: who opens an account makes others wait who open the same, and nobody may wait in a circle.
        AccountName[] names = [.. accounts.Distinct().OrderBy(name => name.Owner, StringComparer.Ordinal).ThenBy(name => name.Currency, StringComparer.Ordinal)];
        await using var command = new NpgsqlCommand(ManySql, connection);
        command.Parameters.Add(Column.Of([.. names.Select(name => name.Owner)], NpgsqlDbType.Text));
        command.Parameters.Add(Column.Of([.. names.Select(name => name.Kind)], NpgsqlDbType.Text));
        command.Parameters.Add(Column.Of([.. names.Select(name => name.Currency)], NpgsqlDbType.Text));
        await command.PrepareAsync(cancellationToken);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
