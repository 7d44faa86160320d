using Data;
using Npgsql;
using ServiceDefaults.Problems;
using ServiceDefaults.Starting;

namespace Ingest.Api.Database;

/// <summary>How this service talks to PostgreSQL.</summary>
internal static class DatabaseFeature
{
    /// <summary>
    /// Every statement here finds its rows by a key, and prepared plans live as long as their connection. A plan that was made while a table was empty would
    /// keep reading all of it when it is full: these settings leave only the index, and save PostgreSQL from planning anew for each set of parameters.
    /// </summary>
    private const string PlanByIndex = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan";

    /// <summary>More than there are statements; each is parsed and planned once a connection.</summary>
    private const int PreparedStatements = 50;

    /// <summary>
    /// Seconds. The front door gives up after 15 s (Portal.Web), and the caller must have our own answer before: a turn (Idempotency__PlaceTimeout, 2 s), a
    /// connection, one statement that hangs and its cancellation together take 2 + 4 + 4 + 2 s. Npgsql's own are 15 and 30 s.
    /// </summary>
    private const int ConnectTimeout = 4, StatementTimeout = 4;

    public static void AddDatabase(this WebApplicationBuilder builder)
    {
        builder.RequireDatabase();
        builder.AddWebhooksDatabase(source =>
        {
            // Our sessions keep no state, so a connection goes back to the pool as it is: the seven statements that would reset it were parsed and
            // run once a commit (docs/performance.md).
            var connection = source.ConnectionStringBuilder;
            connection.NoResetOnClose = true;
            connection.Options = string.IsNullOrWhiteSpace(connection.Options) ? PlanByIndex : $"{connection.Options} {PlanByIndex}";
            if (!connection.ShouldSerialize("Max Auto Prepare")) connection.MaxAutoPrepare = PreparedStatements; // A pooler in between may need 0.
            if (!connection.ShouldSerialize("Timeout")) connection.Timeout = ConnectTimeout;
            if (!connection.ShouldSerialize("Command Timeout")) connection.CommandTimeout = StatementTimeout;
        });
        builder.Services.AddSingleton<TimedStatements>();
        builder.Services.AddWritableCheck();
    }

    /// <summary>
    /// Runs these endpoints once more when the database undid the first try (<see cref="DatabaseFaults"/>), on a new connection where the old ones have the
    /// same fault. Safe for handlers that change nothing but what their one transaction commits: a commit that broke off is not repeated.
    /// </summary>
    public static RouteGroupBuilder TriesTwice(this RouteGroupBuilder endpoints) => endpoints.AddEndpointFilter(async (call, next) =>
    {
        try
        {
            return await next(call);
        }
        catch (Exception exception) when (DatabaseFaults.IsWorthAnotherTry(exception) && !call.HttpContext.Response.HasStarted)
        {
            if (DatabaseFaults.IsOfAllConnections(exception)) call.HttpContext.RequestServices.GetRequiredService<NpgsqlDataSource>().Clear();
            return await next(call);
        }
    });
}
