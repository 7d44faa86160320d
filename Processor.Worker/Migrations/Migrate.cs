using Data;
using Microsoft.EntityFrameworkCore;
using ServiceDefaults.Health;
using ServiceDefaults.Starting;

namespace Processor.Worker.Migrations;

/// <summary>
/// <c>Processor.Worker --migrate</c>: brings the database's schema and Kafka's topics up to date, and ends. Safe to repeat and to start
/// twice at once: one waits for the other's advisory lock, then finds nothing to do.
/// </summary>
internal static partial class Migrate
{
    /// <summary>Also how long one waits for another that migrates. Npgsql's 30 s are soon over where an index is built on a large table.</summary>
    private static readonly TimeSpan LongestMigration = TimeSpan.FromMinutes(30);

    public static void AddMigrations(this WebApplicationBuilder builder)
    {
        builder.RequireDatabase();
        builder.RequireBroker();

        // Retries cannot span the lock's session; a database that is not there is the orchestrator's to wait for.
        builder.AddNpgsqlDbContext<WebhooksDbContext>(
            "webhooks", (Aspire.Npgsql.EntityFrameworkCore.PostgreSQL.NpgsqlEntityFrameworkCorePostgreSQLSettings settings) => settings.DisableRetry = true);
        builder.AddBrokerAdmin("broker", pollMs: 50);
        builder.Services.AddTransient<CreateTopics>();
    }

    /// <summary>Returns the process's exit code: 0 when all is up to date.</summary>
    public static async Task<int> MigrateAsync(this WebApplication app)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var logger = scope.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Migrate));
        try
        {
            await MigrateDatabaseAsync(scope.ServiceProvider.GetRequiredService<WebhooksDbContext>(), logger);
            await scope.ServiceProvider.GetRequiredService<CreateTopics>().RunAsync();
            return 0;
        }
        catch (Exception exception)
        {
            // All of them: EF wraps what PostgreSQL says into exceptions of its own, and an exit code is what others wait for.
            Failed(logger, exception);
            return 1;
        }
    }

    private static async Task MigrateDatabaseAsync(WebhooksDbContext database, ILogger logger)
    {
        database.Database.SetCommandTimeout(LongestMigration);
        await database.Database.OpenConnectionAsync();
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({AdvisoryLock.Migration})");
        var pending = (await database.Database.GetPendingMigrationsAsync()).ToArray();
        await database.Database.MigrateAsync();
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({AdvisoryLock.Migration})");
        if (pending.Length == 0) UpToDate(logger);
        else Migrated(logger, string.Join(", ", pending));
    }

    [LoggerMessage(60, LogLevel.Information, "The database is up to date")]
    private static partial void UpToDate(ILogger logger);

    [LoggerMessage(61, LogLevel.Information, "The database was brought up to date: {Migrations}")]
    private static partial void Migrated(ILogger logger, string migrations);

    [LoggerMessage(62, LogLevel.Critical,
        "Bringing the database and the topics up to date failed; nothing else can start. Start it again when the cause is mended")]
    private static partial void Failed(ILogger logger, Exception exception);
}
