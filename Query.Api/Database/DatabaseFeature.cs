using Data;
using Npgsql;
using ServiceDefaults.Starting;

namespace Query.Api.Database;

/// <summary>Connects this service to the database <c>webhooks</c>, in sessions that cannot write.</summary>
internal static class DatabaseFeature
{
    // Without sequential scans: a plan lives as long as its connection, and one that was made while the table was almost empty would read all of
    // it for every later lookup.
    private const string ReadOnly = "-c default_transaction_read_only=on -c enable_seqscan=off";

    /// <summary>
    /// Seconds until a client gives a statement up; the server ends it half a second earlier. A read on a dead connection then takes at most 5 s, 1 s of
    /// waiting for its cancellation and 3 s of connecting for it, and is still repeated within the front door's 15 s (<see cref="RetryReads"/>).
    /// </summary>
    private const int CommandTimeout = 5;

    /// <summary>When the server ends a statement.</summary>
    internal static readonly TimeSpan StatementTimeout = TimeSpan.FromSeconds(CommandTimeout - 0.5);

    /// <summary>Seconds. Npgsql's own 15 s are more than callers wait; a 503 after 3 s can be repeated.</summary>
    private const int ConnectTimeout = 3;

    public static WebApplicationBuilder AddReadOnlyDatabase(this WebApplicationBuilder builder)
    {
        builder.RequireDatabase();
        builder.AddWebhooksDatabase(source => Configure(source.ConnectionStringBuilder), StatementTimeout);
        builder.AddWebhooksContext();
        return builder;
    }

    /// <summary>Adds this service's settings to a connection string. What the string says about them wins, except that sessions cannot write.</summary>
    internal static void Configure(NpgsqlConnectionStringBuilder connection)
    {
        connection.Options = string.IsNullOrWhiteSpace(connection.Options) ? ReadOnly : $"{connection.Options} {ReadOnly}";

        // Every statement is repeated, so the server parses and plans each once per connection instead of once per request.
        if (!connection.ShouldSerialize("Max Auto Prepare")) connection.MaxAutoPrepare = 50;
        if (!connection.ShouldSerialize("Auto Prepare Min Usages")) connection.AutoPrepareMinUsages = 2;
        if (!connection.ShouldSerialize("Timeout")) connection.Timeout = ConnectTimeout;
        if (!connection.ShouldSerialize("Command Timeout")) connection.CommandTimeout = CommandTimeout;
    }
}
