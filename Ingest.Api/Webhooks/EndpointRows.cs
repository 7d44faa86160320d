using Data;
using Data.Webhooks;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Authentication;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary>
/// The rows of <c>webhook_endpoints</c> as a caller may see and change them: of a customer's endpoints the others are not there (404), and those that get
/// notices to operators are changed by administrators alone (403).
/// </summary>
internal static class EndpointRows
{
    /// <summary>An id for the documents.</summary>
    public const string ExampleId = "019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f";

    private const string Columns =
        """
        id, url, customer_id, event_types, description, payload_style, secret, previous_secret, previous_secret_until, failing_since, disabled_at,
        disabled_because, next_publish_at, created_at, updated_at
        """;

    private const string Insert =
        $"""
        INSERT INTO webhook_endpoints (id, url, customer_id, event_types, description, payload_style, secret) VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING {Columns}
        """;

    private const string Select = $"SELECT {Columns} FROM webhook_endpoints WHERE id = $1 AND deleted_at IS NULL";

    // Who fans out events meanwhile would still see the endpoint as it was, and add a delivery that nobody looks at.
    private const string WaitForFanOut = "SELECT pg_advisory_xact_lock($1)";

    private const string Update =
        $"""
        UPDATE webhook_endpoints
        SET url = $2, event_types = $3, description = $4, payload_style = $5, updated_at = now(),
            disabled_at = CASE WHEN $6 THEN coalesce(disabled_at, now()) WHEN NOT $6 THEN NULL ELSE disabled_at END,
            disabled_because = CASE WHEN $6 THEN coalesce(disabled_because, '{DisabledReason.Owner}') WHEN NOT $6 THEN NULL ELSE disabled_because END,
            failing_since = CASE WHEN NOT $6 THEN NULL ELSE failing_since END,
            next_publish_at = CASE WHEN NOT $6 THEN now() ELSE next_publish_at END
        WHERE id = $1 RETURNING {Columns}
        """;

    private const string MarkDeleted = "UPDATE webhook_endpoints SET deleted_at = now() WHERE id = $1";

    /// <summary>Inserts an endpoint; returns it with what the database adds.</summary>
    public static async Task<WebhookEndpoint> InsertAsync(NpgsqlConnection connection, WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Insert, connection)
        {
            Parameters =
            {
                Uuid(endpoint.Id), Parameter.Text(endpoint.Url), Parameter.Text(endpoint.CustomerId), Parameter.Array(endpoint.EventTypes, NpgsqlDbType.Text),
                Parameter.Text(endpoint.Description), Parameter.Text(endpoint.PayloadStyle), Parameter.Text(endpoint.Secret),
            },
        };
        return await OneAsync(command, cancellationToken) ?? throw new InvalidOperationException("The insert returned no row.");
    }

    /// <summary>The endpoint that a caller wants to change, or why not.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="id">As it stands in the path.</param>
    /// <param name="caller">Who wants to.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static Task<(WebhookEndpoint? Endpoint, Problem? Problem)> FindAsync(
        NpgsqlConnection connection, string id, WebhookCaller caller, CancellationToken cancellationToken) =>
        ReadAsync(connection, id, caller, Select, cancellationToken);

    /// <summary>The same with its row locked to the end of the transaction.</summary>
    public static Task<(WebhookEndpoint? Endpoint, Problem? Problem)> LockAsync(
        NpgsqlConnection connection, string id, WebhookCaller caller, CancellationToken cancellationToken) =>
        ReadAsync(connection, id, caller, $"{Select} FOR NO KEY UPDATE", cancellationToken);

    /// <summary>
    /// Waits until no event is being fanned out; none is until the transaction ends. To be called before a row is locked, as the worker does.
    /// </summary>
    public static async Task WaitForFanOutAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WaitForFanOut, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = AdvisoryLock.FanOut });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes the members that owners change; returns the row as it is then.</summary>
    /// <param name="connection">In a transaction that has locked the row.</param>
    /// <param name="endpoint">With the changes.</param>
    /// <param name="disabled">True: it gets no more deliveries; false: it does, as if it had never failed; null: as it is.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<WebhookEndpoint> UpdateAsync(
        NpgsqlConnection connection, WebhookEndpoint endpoint, bool? disabled, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Update, connection)
        {
            Parameters =
            {
                Uuid(endpoint.Id), Parameter.Text(endpoint.Url), Parameter.Array(endpoint.EventTypes, NpgsqlDbType.Text), Parameter.Text(endpoint.Description),
                Parameter.Text(endpoint.PayloadStyle), new NpgsqlParameter<bool?> { TypedValue = disabled, NpgsqlDbType = NpgsqlDbType.Boolean },
            },
        };
        return await OneAsync(command, cancellationToken) ?? throw new InvalidOperationException("The row is locked, and not there.");
    }

    /// <summary>Marks an endpoint as deleted. Its row stays, since the log names its URL.</summary>
    public static async Task DeleteAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MarkDeleted, connection) { Parameters = { Uuid(id) } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>404: there is no such endpoint, or it is another customer's.</summary>
    public static Problem NoEndpoint(string id) => Problem.NotFound(
        Guid.TryParseExact(id, "D", out _)
            ? $"There is no endpoint {id}. GET /webhooks/endpoints lists those there are."
            : $"That is not an endpoint's id: one is a UUID, such as {ExampleId}.");

    /// <summary>403: notices to operators tell about this system's inside.</summary>
    public static Problem ForAdministrators => new(StatusCodes.Status403Forbidden, "forbidden",
        "Events operations.* are notices to operators: an endpoint for them is made and changed with an admin key, one of Auth__AdminKeys__n.");

    /// <summary>409: what should be sent would not be.</summary>
    public static Problem IsDisabled(WebhookEndpoint endpoint) => new(StatusCodes.Status409Conflict, "endpoint_disabled",
        $"Endpoint {endpoint.Id} is disabled ({endpoint.DisabledBecause}) and gets nothing. Enable it first: PATCH /webhooks/endpoints/{endpoint.Id} with "
        + "{\"disabled\":false}. Then send this again.");

    private static async Task<(WebhookEndpoint? Endpoint, Problem? Problem)> ReadAsync(
        NpgsqlConnection connection, string id, WebhookCaller caller, string select, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var uuid)) return (null, NoEndpoint(id));
        await using var command = new NpgsqlCommand(select, connection) { Parameters = { Uuid(uuid) } };
        var endpoint = await OneAsync(command, cancellationToken);
        if (endpoint is null || !caller.MaySee(endpoint.CustomerId)) return (null, NoEndpoint(id));
        return endpoint.EventTypes.AreForOperators() && !caller.IsAdmin ? (null, ForAdministrators) : (endpoint, null);
    }

    private static async Task<WebhookEndpoint?> OneAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }

    private static WebhookEndpoint Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Url = row.GetString(1),
        CustomerId = row.TextOrNull(2),
        EventTypes = row.GetFieldValue<string[]>(3),
        Description = row.TextOrNull(4),
        PayloadStyle = row.GetString(5),
        Secret = row.GetString(6),
        PreviousSecret = row.TextOrNull(7),
        PreviousSecretUntil = row.TimeOrNull(8),
        FailingSince = row.TimeOrNull(9),
        DisabledAt = row.TimeOrNull(10),
        DisabledBecause = row.TextOrNull(11),
        NextPublishAt = row.GetDateTime(12),
        CreatedAt = row.GetDateTime(13),
        UpdatedAt = row.TimeOrNull(14),
    };

    private static NpgsqlParameter<Guid> Uuid(Guid id) => new() { TypedValue = id };
}
