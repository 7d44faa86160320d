using System.Globalization;
using Portal.Web.Api;
using Portal.Web.Csv;
using Portal.Web.Sessions;

namespace Portal.Web.Payer;

/// <summary><c>GET /account/history.csv?type=&amp;status=</c>: what the history shows with these filters, from the first page to the last.</summary>
internal static class HistoryCsv
{
    /// <summary>Its address.</summary>
    public const string Path = "/account/history.csv";

    /// <summary>The largest page that the API gives.</summary>
    private const int Limit = 100;

    private static readonly IReadOnlyList<CsvColumn<Payment>> Columns =
    [
        new("id", row => row.Id.ToString(CultureInfo.InvariantCulture)),
        new("type", row => row.Type),
        new("status", row => row.Status),
        new("amount", row => row.Amount),
        new("currency", row => row.Currency),
        new("bank_reference", row => row.BankReference),
        new("error_message", row => row.ErrorMessage),
        new("description", row => row.Description),
        new("created_at", row => CsvTime.Of(row.CreatedAt)),
        new("updated_at", row => CsvTime.Of(row.UpdatedAt)),
        new("processed_at", row => CsvTime.Of(row.ProcessedAt)),
    ];

    public static void MapHistoryCsv(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, Handle).RequireAuthorization(Policies.Payer).ExcludeFromDescription();

    private static CsvFile<PaymentPage, Payment> Handle(HttpContext context, ApiClient client, string? type, string? status)
    {
        var session = Session.Of(context.User, Area.Payer)!;
        return new(
            "payments.csv",
            Columns,
            (cursor, cancellationToken) =>
                client.GetAsync(session, PaymentWords.PathOf(session.Subject, type, status, cursor, Limit), PayerJson.Default.PaymentPage, cancellationToken),
            page => page.Items,
            page => page.NextCursor);
    }
}
