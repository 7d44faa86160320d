using Portal.Web.Api;
using Portal.Web.Csv;
using Portal.Web.Sessions;
using Portal.Web.Ui;

namespace Portal.Web.Operator.Transactions;

/// <summary><c>GET /admin/transactions.csv</c>: what the list shows with these filters, from the first page to the last.</summary>
internal static class TransactionsCsv
{
    /// <summary>Its address.</summary>
    public const string Path = "/admin/transactions.csv";

    private static readonly IReadOnlyList<CsvColumn<Transaction>> Columns =
    [
        new("transaction_id", row => row.TransactionId),
        new("source_account", row => row.SourceAccount),
        new("destination_account", row => row.DestinationAccount),
        new("amount", row => row.Amount),
        new("currency", row => row.Currency),
        new("status", row => row.Status),
        new("created_at", row => CsvTime.Of(row.CreatedAt)),
        new("processed_at", row => CsvTime.Of(row.ProcessedAt)),
        new("failure_reason", row => row.FailureReason),
    ];

    public static void MapTransactionsCsv(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, Handle).RequireAuthorization(Policies.Operator).ExcludeFromDescription();

    private static CsvFile<TransactionPage, Transaction> Handle(
        HttpContext context, ApiClient client, TimeProvider clock, string? status, string? account, string? range)
    {
        var session = Session.Of(context.User, Area.Operator)!;
        var path = Query.Of(
            "/v1/transactions", ("status", status), ("account", account), ("created_from", TimeRange.From(range, clock.GetUtcNow())), ("limit", "200"));
        return new(
            "transactions.csv", Columns,
            (cursor, cancellationToken) =>
                client.GetAsync(session, Query.Of(path, ("cursor", cursor)), TransactionJson.Default.TransactionPage, cancellationToken),
            page => page.Data, page => page.NextCursor);
    }
}
