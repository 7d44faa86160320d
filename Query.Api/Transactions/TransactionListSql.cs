using Data.Transactions;

namespace Query.Api.Transactions;

/// <summary>
/// The list's statements: one constant for each status and for with and without an account, so that each is planned for what it is.
/// A single statement with <c>$1 IS NULL OR status = $1</c> would be planned for none of them.
/// Parameters: $1 created_from, $2 and $3 the key to come before, $4 the limit, $5 the account.
/// </summary>
internal static class TransactionListSql
{
    private const string Range = "created_at >= $1 AND (created_at, transaction_id) < ($2, $3)";
    private const string Newest = "ORDER BY created_at DESC, transaction_id DESC LIMIT $4";

    // The status stands in the text, not in a parameter: only then is a partial index (status = 'PROCESSING') a choice.
    private const string Processing = $" AND status = '{TransactionStatus.Processing}'";
    private const string Processed = $" AND status = '{TransactionStatus.Processed}'";
    private const string Failed = $" AND status = '{TransactionStatus.Failed}'";

    private const string Select = $"SELECT {TransactionReply.Columns} FROM transactions WHERE {Range}";

    // Two index scans of a page each, then at most two pages to sort. `source = $5 OR destination = $5` would read all of an account's rows
    // for every page. UNION, not UNION ALL: a transfer from an account to itself is in both.
    private const string Source = $"SELECT {TransactionReply.Columns} FROM transactions WHERE source_account = $5 AND {Range}";
    private const string Destination = $"SELECT {TransactionReply.Columns} FROM transactions WHERE destination_account = $5 AND {Range}";

    public static string For(TransactionFilter filter) => (filter.Status, filter.Account) switch
    {
        (null, null) => $"{Select} {Newest}",
        (TransactionStatus.Processing, null) => $"{Select}{Processing} {Newest}",
        (TransactionStatus.Processed, null) => $"{Select}{Processed} {Newest}",
        (TransactionStatus.Failed, null) => $"{Select}{Failed} {Newest}",
        (null, _) => $"({Source} {Newest}) UNION ({Destination} {Newest}) {Newest}",
        (TransactionStatus.Processing, _) => $"({Source}{Processing} {Newest}) UNION ({Destination}{Processing} {Newest}) {Newest}",
        (TransactionStatus.Processed, _) => $"({Source}{Processed} {Newest}) UNION ({Destination}{Processed} {Newest}) {Newest}",
        (TransactionStatus.Failed, _) => $"({Source}{Failed} {Newest}) UNION ({Destination}{Failed} {Newest}) {Newest}",
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.Status, "There is no such status."),
    };
}
