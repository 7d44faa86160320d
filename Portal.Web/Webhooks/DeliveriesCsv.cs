using System.Globalization;
using Portal.Web.Api;
using Portal.Web.Csv;
using Portal.Web.Sessions;
using Portal.Web.Ui;

namespace Portal.Web.Webhooks;

/// <summary>
/// <c>GET /admin/deliveries.csv</c> and <c>/consumer/deliveries.csv</c>: what the list shows with these filters, from the first page to the last.
/// </summary>
internal static class DeliveriesCsv
{
    /// <summary>The largest page that the API gives.</summary>
    private const string Limit = "200";

    private static readonly IReadOnlyList<CsvColumn<Delivery>> Columns =
    [
        new("id", row => row.Id),
        new("event_id", row => row.EventId),
        new("event_type", row => row.EventType),
        new("endpoint_id", row => row.EndpointId),
        new("url", row => row.Url),
        new("status", row => row.Status),
        new("attempts", row => row.Attempts.ToString(CultureInfo.InvariantCulture)),
        new("response_status", row => row.ResponseStatus?.ToString(CultureInfo.InvariantCulture)),
        new("error_message", row => row.ErrorMessage),
        new("created_at", row => CsvTime.Of(row.CreatedAt)),
        new("next_attempt_at", row => CsvTime.Of(row.NextAttemptAt)),
        new("processed_at", row => CsvTime.Of(row.ProcessedAt)),
    ];

    /// <summary>The file's address in an area.</summary>
    public static string PathOf(Area area) => $"{Places.Deliveries(area)}.csv";

    public static void MapDeliveriesCsv(this IEndpointRouteBuilder routes)
    {
        foreach (var area in new[] { Area.Operator, Area.Consumer })
            routes.MapGet(PathOf(area), (HttpContext context, ApiClient client, TimeProvider clock) => Handle(context, client, clock, area))
                .RequireAuthorization(SessionsFeature.SchemeOf(area)).ExcludeFromDescription();
    }

    private static CsvFile<ArrayPage<Delivery>, Delivery> Handle(HttpContext context, ApiClient client, TimeProvider clock, Area area)
    {
        var session = Session.Of(context.User, area)!;
        var path = Query.Of(FilterOf(context.Request.Query).ToApi(clock.GetUtcNow()), ("limit", Limit));
        return new(
            "deliveries.csv",
            Columns,
            async (cursor, cancellationToken) =>
                (await client.GetAsync(session, Query.Of(path, ("cursor", cursor)), WebhookJson.Default.ListDelivery, cancellationToken)).ToPage(),
            page => page.Rows,
            page => page.NextCursor);
    }

    private static DeliveryFilter FilterOf(IQueryCollection query) =>
        new(query["event_type"], query["status"], query["endpoint_id"], query["range"], query["from"], query["to"]);
}
