using Portal.Web.Api;
using Portal.Web.Csv;
using Portal.Web.Sessions;
using Portal.Web.Ui;

namespace Portal.Web.Operator.Charges;

/// <summary><c>GET /admin/charges.csv</c>: what the list shows with these filters, from the first page to the last.</summary>
internal static class ChargesCsv
{
    /// <summary>Its address.</summary>
    public const string Path = "/admin/charges.csv";

    private static readonly IReadOnlyList<CsvColumn<Charge>> Columns =
    [
        new("id", row => row.Id),
        new("customer_id", row => row.CustomerId),
        new("amount", row => Money.Of(row.Amount)),
        new("currency", row => row.Currency),
        new("status", row => row.Status),
        new("payment_method", row => row.PaymentMethod),
        new("wallet_amount", row => Money.Of(row.WalletAmount)),
        new("external_amount", row => Money.Of(row.ExternalAmount)),
        new("external_charge_id", row => row.ExternalChargeId),
        new("refunded_amount", row => Money.Of(row.RefundedAmount)),
        new("failure_code", row => row.FailureCode),
        new("failure_message", row => row.FailureMessage),
        new("installment_order_id", row => row.InstallmentOrderId),
        new("created_at", row => CsvTime.Of(row.CreatedAt)),
    ];

    public static void MapChargesCsv(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, Handle).RequireAuthorization(Policies.Operator).ExcludeFromDescription();

    private static CsvFile<ArrayPage<Charge>, Charge> Handle(
        HttpContext context, ApiClient client, string? status, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "customer_id")] string? customerId)
    {
        var session = Session.Of(context.User, Area.Operator)!;
        var path = Query.Of("/charges", ("status", status), ("customer_id", customerId), ("limit", "200"));
        return new(
            "charges.csv", Columns,
            async (cursor, cancellationToken) =>
                (await client.GetAsync(session, Query.Of(path, ("cursor", cursor)), ChargeJson.Default.ListCharge, cancellationToken)).ToPage(),
            page => page.Rows, page => page.NextCursor);
    }
}
