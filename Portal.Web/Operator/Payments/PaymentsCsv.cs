using System.Globalization;
using Portal.Web.Api;
using Portal.Web.Csv;
using Portal.Web.Payer;
using Portal.Web.Sessions;
using Portal.Web.Ui;

namespace Portal.Web.Operator.Payments;

/// <summary><c>GET /admin/payments.csv</c>: what the list shows with these filters, from the first page to the last.</summary>
internal static class PaymentsCsv
{
    /// <summary>Its address.</summary>
    public const string Path = "/admin/payments.csv";

    private static readonly IReadOnlyList<CsvColumn<Payment>> Columns =
    [
        new("id", row => row.Id.ToString(CultureInfo.InvariantCulture)),
        new("user_id", row => row.UserId.ToString(CultureInfo.InvariantCulture)),
        new("type", row => row.Type),
        new("status", row => row.Status),
        new("amount", row => row.Amount),
        new("currency", row => row.Currency),
        new("bank_reference", row => row.BankReference),
        new("error_message", row => row.ErrorMessage),
        new("description", row => row.Description),
        new("created_at", row => CsvTime.Of(row.CreatedAt)),
        new("processed_at", row => CsvTime.Of(row.ProcessedAt)),
    ];

    public static void MapPaymentsCsv(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, Handle).RequireAuthorization(Policies.Operator).ExcludeFromDescription();

    private static CsvFile<PaymentPage, Payment> Handle(
        HttpContext context, ApiClient client, string? type, string? status, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "user_id")] string? userId)
    {
        var session = Session.Of(context.User, Area.Operator)!;
        var path = Query.Of(PaymentList.ListPath(type, userId), ("status", status), ("limit", "100"));
        return new(
            "payments.csv", Columns,
            (cursor, cancellationToken) => client.GetAsync(session, Query.Of(path, ("cursor", cursor)), PayerJson.Default.PaymentPage, cancellationToken),
            page => page.Items, page => page.NextCursor);
    }
}
