using Data;

namespace Ingest.Api.Database;

/// <summary>The room's door: how this service talks to PostgreSQL.</summary>
internal static class Database
{
    /// <summary>
    /// Everything is found by a key here, and statements are prepared, so a plan lives for as long as its connection. One that was made while a table was
    /// empty would go on reading all of it when it is full: these leave PostgreSQL none but the way by the index, and spare it to look for another each time.
    /// </summary>
    private const string ByKeyAlone = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan";

    /// <summary>More than there are statements; each is parsed and planned once a connection.</summary>
    private const int PreparedStatements = 50;

    public static void AddDatabase(this WebApplicationBuilder builder)
    {
        builder.AddWebhooksDatabase(source =>
        {
            // Sessions keep no state of ours, so a connection goes back to the pool as it is: the seven statements that would reset it were
            // parsed and run once a commit (docs/performance.md).
            var connection = source.ConnectionStringBuilder;
            connection.NoResetOnClose = true;
            connection.Options = string.IsNullOrWhiteSpace(connection.Options) ? ByKeyAlone : $"{connection.Options} {ByKeyAlone}";
            if (!connection.ShouldSerialize("Max Auto Prepare")) connection.MaxAutoPrepare = PreparedStatements; // A pooler in between may want 0.
        });
        builder.Services.AddSingleton<StatementTime>();
    }
}
