using Contracts;
using Data;
using Data.Webhooks;
using Npgsql;
using NpgsqlTypes;

namespace Query.Api.Webhooks;

/// <summary>
/// The newest deliveries that match every filter, from index entries alone until a page is chosen. Ids rise with time, and an index has each type and status by
/// itself, newest first, of each endpoint and of all; those that wait have an index of their own, by endpoint (Data's WebhookTables says why). A page is merged
/// from the newest entries of each such line, so that it costs the same wherever it begins and however rare it is: 45 lines for an endpoint without other
/// filters, which are probes of microseconds. Types that are not in <see cref="WebhookEvents.All"/> are in no line.
/// </summary>
internal static class NewestDeliveries
{
    // $1 all ids are smaller, $2 none is smaller, $3 the number of rows, $4 of those to skip, $5 types, $6 statuses, $7 endpoint, $8 customer, $9 event.
    private const string InPeriod = "id < $1 AND id >= $2";
    private const string Newest = "ORDER BY id DESC LIMIT $3 + $4";

    private const string OneEndpoint = "(SELECT $7 AS id)";
    private const string OfCustomer = "(SELECT id FROM webhook_endpoints WHERE customer_id = $8)";
    private const string OneOfCustomer = "(SELECT id FROM webhook_endpoints WHERE id = $7 AND customer_id = $8)";

    /// <summary>The endpoints at which anything waits, each found from the one before: there is no index of all that waits.</summary>
    private const string Waiting =
        """
        (WITH RECURSIVE waiting AS (
            (SELECT endpoint_id AS id FROM webhook_deliveries WHERE status = 'pending' ORDER BY endpoint_id LIMIT 1)
            UNION ALL
            SELECT (SELECT endpoint_id FROM webhook_deliveries WHERE status = 'pending' AND endpoint_id > w.id ORDER BY endpoint_id LIMIT 1)
            FROM waiting w WHERE w.id IS NOT NULL)
        SELECT id FROM waiting WHERE id IS NOT NULL)
        """;

    private const string WithOutcome =
        $"""
        SELECT each.id FROM unnest($6) AS s (status), unnest($5) AS t (type), LATERAL (
            SELECT id FROM webhook_deliveries WHERE status <> 'pending' AND status = s.status AND event_type = t.type AND {InPeriod} {Newest}) AS each
        WHERE s.status <> 'pending'
        """;

    private const string All = $"SELECT id FROM webhook_deliveries WHERE {InPeriod} ORDER BY id DESC LIMIT $3 OFFSET $4";

    // As many as there are endpoints: all of them are looked at.
    private const string OfEvent =
        $"""
        SELECT id FROM webhook_deliveries d
        WHERE event_id = $9 AND {InPeriod} AND event_type = ANY ($5) AND status = ANY ($6) AND ($7 IS NULL OR endpoint_id = $7)
            AND ($8 IS NULL OR EXISTS (SELECT FROM webhook_endpoints w WHERE w.id = d.endpoint_id AND w.customer_id = $8))
        ORDER BY id DESC LIMIT $3 OFFSET $4
        """;

    /// <summary>Selects the rows of the page, and one more.</summary>
    public static NpgsqlCommand Command(NpgsqlDataSource database, ListDeliveries.Filter filter)
    {
        var command = database.CreateCommand($"{DeliveryReply.Select}\nWHERE d.id = ANY (ARRAY(\n{Ids(filter)}))\nORDER BY d.id DESC");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = filter.BeforeId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = filter.FirstId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = filter.Page.Read });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = filter.Page.Skip });
        command.Parameters.Add(Parameter.Array([.. filter.EventType is { } type ? [type] : WebhookEvents.All], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. filter.Status is { } status ? [status] : DeliveryStatus.All], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Uuid(filter.EndpointId));
        command.Parameters.Add(Parameter.Text(filter.CustomerId));
        command.Parameters.Add(Parameter.Uuid(filter.EventId));
        return command;
    }

    private static string Ids(ListDeliveries.Filter filter)
    {
        if (filter.EventId is not null) return OfEvent;
        if (filter is { EndpointId: null, CustomerId: null, EventType: null, Status: null }) return All;
        var endpoints = filter switch
        {
            { EndpointId: not null, CustomerId: null } => OneEndpoint,
            { EndpointId: not null } => OneOfCustomer,
            { CustomerId: not null } => OfCustomer,
            _ => null,
        };
        var ended = endpoints is null ? WithOutcome : WithOutcomeAt(endpoints);
        var lines = filter.Status switch
        {
            null => $"{ended}\nUNION ALL {PendingAt(endpoints ?? Waiting)}",
            DeliveryStatus.Pending => PendingAt(endpoints ?? Waiting),
            _ => ended,
        };
        return $"SELECT id FROM ({lines}) AS newest ORDER BY id DESC LIMIT $3 OFFSET $4";
    }

    private static string WithOutcomeAt(string endpoints) =>
        $"""
        SELECT each.id FROM {endpoints} AS w, unnest($6) AS s (status), unnest($5) AS t (type), LATERAL (
            SELECT id FROM webhook_deliveries
            WHERE status <> 'pending' AND endpoint_id = w.id AND status = s.status AND event_type = t.type AND {InPeriod} {Newest}) AS each
        WHERE s.status <> 'pending'
        """;

    private static string PendingAt(string endpoints) =>
        $"""
        SELECT each.id FROM {endpoints} AS w, unnest($5) AS t (type), LATERAL (
            SELECT id FROM webhook_deliveries WHERE status = 'pending' AND endpoint_id = w.id AND event_type = t.type AND {InPeriod} {Newest}) AS each
        """;
}
