using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>Identifies an account before its id is known; see <see cref="OpenAccount"/>.</summary>
/// <param name="Owner"><see cref="Account.Owner"/>.</param>
/// <param name="Kind"><see cref="Account.Kind"/>.</param>
/// <param name="Currency"><see cref="Account.Currency"/>.</param>
public readonly record struct AccountName(string Owner, string Kind, string Currency);

/// <summary>Names the accounts of users, customers, merchants, the house and the world outside.</summary>
public static class Accounts
{
    /// <summary>
    /// The number of accounts per currency of the bank, of Stripe, of sales and of clearing. An account is locked from its transfer to the commit, so a
    /// single one would make every deposit and withdrawal wait for every other. With 16, two batches of ten payments nearly always shared one; with 256, one
    /// time in three. The bank's balance is the sum over all of them.
    /// </summary>
    private const int Shards = 256;

    /// <summary>For statements with a column <c>user_id</c>: the owners that <see cref="OfUser"/> and <see cref="OfBank"/> return.</summary>
    internal static string OwnersOfUserId => $"('user:' || user_id), ('bank:' || user_id % {Shards})";

    /// <summary>A user's account: <c>user:1</c>.</summary>
    /// <param name="userId"><c>users.id</c>.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfUser(long userId, string currency) => new($"user:{userId}", AccountKind.User, currency);

    /// <summary>A customer's wallet: <c>wallet:cust_42</c>.</summary>
    /// <param name="customerId">The customer's id.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfWallet(string customerId, string currency) => new(OwnerOfWallet(customerId), AccountKind.Wallet, currency);

    /// <summary>The owner of a customer's wallet accounts, whatever their currency: <c>wallet:cust_42</c>.</summary>
    public static string OwnerOfWallet(string customerId) => $"wallet:{customerId}";

    /// <summary>The account of a split's destination: <c>merchant:acct_7</c>.</summary>
    /// <param name="destination">The destination as the split instruction names it.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfMerchant(string destination, string currency) => new($"merchant:{destination}", AccountKind.Merchant, currency);

    /// <summary>Sales of the house: what charges without a split bring in. One of many, so that charges do not wait for each other.</summary>
    /// <param name="chargeId">The charge; a refund takes the money where its charge brought it.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfSales(Guid chargeId, string currency) => new($"sales:{ShardOf(chargeId)}", AccountKind.House, currency);

    /// <summary>What is set aside while Stripe is asked: the wallet part of a charge, the whole of a refund.</summary>
    /// <param name="chargeId">The charge.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfClearing(Guid chargeId, string currency) => new($"clearing:{ShardOf(chargeId)}", AccountKind.House, currency);

    /// <summary>Stripe, as the world outside: what cards have paid, negative.</summary>
    /// <param name="chargeId">The charge.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfStripe(Guid chargeId, string currency) => new($"stripe:{ShardOf(chargeId)}", AccountKind.Bank, currency);

    /// <summary>The bank account that wallet credits come from.</summary>
    /// <param name="walletId">The wallet.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfFunding(Guid walletId, string currency) => new($"bank:{ShardOf(walletId)}", AccountKind.Bank, currency);

    /// <summary>The bank account that is the other side of a user's payments: <c>bank:0</c> to <c>bank:255</c>. Always the same one for a user.</summary>
    /// <param name="userId"><c>users.id</c>.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static AccountName OfBank(long userId, string currency) => new($"bank:{userId % Shards}", AccountKind.Bank, currency);

    // The last byte of a UUID of version 7 is random.
    private static int ShardOf(Guid id) => id.ToByteArray()[^1] % Shards;
}

/// <summary>Finds an account, or creates it with a balance of 0.</summary>
public static class OpenAccount
{
    // The look comes first: INSERT ... ON CONFLICT alone would use up an id and write to the log for each account that exists.
    // Sorted by owner and currency: transactions that create the same accounts wait for each other, and one order for all prevents a deadlock.
    private const string Insert =
        """
        INSERT INTO accounts (owner, kind, currency)
        SELECT owner, kind, currency FROM unnest($1, $2, $3) AS wanted (owner, kind, currency)
        WHERE NOT EXISTS (SELECT FROM accounts a WHERE a.owner = wanted.owner AND a.currency = wanted.currency)
        ORDER BY owner COLLATE "C", currency COLLATE "C"
        ON CONFLICT (owner, currency) DO NOTHING
        """;

    // A statement of its own, so that it sees an account that another transaction created while the INSERT waited for it.
    private const string Find = "SELECT id FROM accounts WHERE owner = $1 AND currency = $2";

    /// <summary>Returns the account's id. One round trip.</summary>
    /// <param name="connection">Open; READ COMMITTED, PostgreSQL's default. Joins the caller's transaction if there is one.</param>
    /// <param name="account">One of <see cref="Accounts"/>.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<long> RunAsync(NpgsqlConnection connection, AccountName account, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(ToInsert([account]));
        batch.BatchCommands.Add(new(Find) { Parameters = { Parameter.Text(account.Owner), Parameter.Text(account.Currency) } });
        await batch.PrepareAsync(cancellationToken);
        return (long)(await batch.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Creates those accounts that do not exist. One round trip.</summary>
    /// <param name="connection">Open; READ COMMITTED, PostgreSQL's default. Joins the caller's transaction if there is one.</param>
    /// <param name="accounts">Each one of <see cref="Accounts"/>; duplicates are allowed.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task RunAsync(NpgsqlConnection connection, IEnumerable<AccountName> accounts, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { ToInsert([.. accounts.Distinct()]) } };
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand ToInsert(AccountName[] accounts) => new(Insert)
    {
        Parameters =
        {
            Parameter.Array([.. accounts.Select(account => account.Owner)], NpgsqlDbType.Text),
            Parameter.Array([.. accounts.Select(account => account.Kind)], NpgsqlDbType.Text),
            Parameter.Array([.. accounts.Select(account => account.Currency)], NpgsqlDbType.Text),
        },
    };
}
