using Contracts;
using Data;
using Data.Webhooks;
using Npgsql;

namespace Processor.Worker.Seed;

/// <summary>
/// Adds an endpoint at the sandbox's inbox, which gets every event but those of transactions: these may be thousands a second. The sandbox knows its secret and
/// shows whether each delivery is signed.
/// </summary>
internal static class SeedInbox
{
    private const string Description = "The sandbox's inbox";

    // One that was deleted stays so. The front door may have another port at each start.
    private const string Sql =
        """
        WITH present AS (
            UPDATE webhook_endpoints SET url = CASE WHEN deleted_at IS NULL THEN $2 ELSE url END WHERE description = $4 RETURNING 1)
        INSERT INTO webhook_endpoints (id, url, event_types, description, payload_style, secret)
        SELECT $1, $2, $3, $4, 'envelope', $5 WHERE NOT EXISTS (SELECT FROM present)
        """;

    /// <summary>Adds it in the caller's transaction; where it is already, it gets the URL.</summary>
    public static async Task RunAsync(
        NpgsqlConnection connection, SeedOptions options, EndpointSecrets secrets, Guid id, CancellationToken cancellationToken)
    {
        if (options.InboxUrl is null || options.InboxSecret is not { } text) return;
        var secret = WebhookSecret.Parse(text) ?? throw new InvalidOperationException("Seed__InboxSecret must be whsec_ and at least 24 bytes in base64.");
        string[] types = [.. WebhookEvents.OfResources.Except([WebhookEvents.TransactionProcessed, WebhookEvents.TransactionFailed])];
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = id }, Parameter.Text(options.InboxUrl), new NpgsqlParameter<string[]> { TypedValue = types },
                Parameter.Text(Description), Parameter.Text(secrets.Protect(secret)),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
