using Data;
using Npgsql;

namespace Query.Api.Database;

/// <summary>The connections of this service: to the database <c>webhooks</c>, in sessions that cannot write.</summary>
internal static class ReadOnlyDatabase
{
    // Without sequential scans: a plan is kept for as long as its connection, and one made while the table was almost empty would read all of it
    // for every lookup after.
    private const string ReadOnly = "-c default_transaction_read_only=on -c enable_seqscan=off";

    public static WebApplicationBuilder AddReadOnlyDatabase(this WebApplicationBuilder builder)
    {
        builder.AddWebhooksDatabase(source => Configure(source.ConnectionStringBuilder));
        return builder;
    }

    /// <summary>Adds what this service needs to a connection string; what the string already says about the same thing stays.</summary>
    internal static void Configure(NpgsqlConnectionStringBuilder connection)
    {
        connection.Options = string.IsNullOrWhiteSpace(connection.Options) ? ReadOnly : $"{connection.Options} {ReadOnly}";

        // Every statement here is a constant, so the server parses and plans each once a connection instead of once a request.
        if (!connection.ShouldSerialize("Max Auto Prepare")) connection.MaxAutoPrepare = 20;
        if (!connection.ShouldSerialize("Auto Prepare Min Usages")) connection.AutoPrepareMinUsages = 2;

        // Npgsql's own 15 s and 30 s outlast the patience of whoever asks; a 503 after 3 s can be tried again.
        if (!connection.ShouldSerialize("Timeout")) connection.Timeout = 3;
        if (!connection.ShouldSerialize("Command Timeout")) connection.CommandTimeout = 10;
    }
}
