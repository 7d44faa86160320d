using Data;
using Data.Users;
using Data.Webhooks;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Starting;

namespace Processor.Worker.Seed;

/// <summary>
/// <c>Processor.Worker --seed</c>: adds users to try the payment gateway with, and customers to try charges with, and ends. Refused in Production. Safe to
/// repeat and to start twice at once: who exists is not changed. All are added by one transaction, and the file with their keys is written before its
/// commit: users whose keys are lost would be of no use, while a file whose users do not exist is written again by the next run.
/// </summary>
internal static partial class Seeding
{
    public static void AddSeeding(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SeedOptions>().BindConfiguration(SeedOptions.Section);
        builder.RequireDatabase();
        builder.AddWebhooksDatabase();
        builder.AddWebhooksContext();
        builder.AddEndpointSecrets(isMaker: true);
    }

    /// <summary>Returns the process's exit code: 0 when the users are there.</summary>
    public static async Task<int> SeedAsync(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Seeding));
        if (!app.Environment.IsDevelopment())
        {
            NotHere(logger);
            return 1;
        }

        try
        {
            await RunAsync(app.Services, logger, app.Lifetime.ApplicationStopping);
            return 0;
        }
        catch (Exception exception)
        {
            // Every exception: the AppHost waits for the exit code.
            Failed(logger, exception);
            return 1;
        }
    }

    private static async Task RunAsync(IServiceProvider services, ILogger logger, CancellationToken cancellationToken)
    {
        var (options, clock) = (services.GetRequiredService<IOptions<SeedOptions>>().Value, services.GetRequiredService<TimeProvider>());
        var file = Path.GetFullPath(options.CredentialsFile);
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var oneAtATime = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({AdvisoryLock.Seed})", connection))
            await oneAtATime.ExecuteNonQueryAsync(cancellationToken);

        // Before the customers: what happens to them comes to the inbox.
        await SeedInbox.RunAsync(
            connection, options, services.GetRequiredService<EndpointSecrets>(), Guid.CreateVersion7(clock.GetUtcNow()), cancellationToken);
        await new SeedCustomers(connection, clock).RunAsync(cancellationToken);
        var keys = new List<(string Email, string Key)>();
        foreach (var user in SeedUsers.All)
        {
            var key = ApiKey.New();
            if (await InsertUser.RunAsync(connection, user, key, cancellationToken)) keys.Add((user.Email, key.Text));
        }

        if (keys.Count == 0)
        {
            await transaction.CommitAsync(CancellationToken.None); // Customers that a release before did not have.
            AllThere(logger, file);
            return;
        }

        await CredentialsFile.WriteAsync(file, clock.GetUtcNow(), $"{connection.Database} at {connection.Host}:{connection.Port}", keys, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        Seeded(logger, keys.Count, file);

        // To the console only: logs may be exported, and keys must not be in them.
        foreach (var (email, key) in keys) await Console.Out.WriteLineAsync($"{email} {key}");
    }

    [LoggerMessage(80, LogLevel.Information,
        "Added {Count} users to try payments with. Their API keys follow here once, and stand in {File}, which only you can read")]
    private static partial void Seeded(ILogger logger, int count, string file);

    [LoggerMessage(81, LogLevel.Information,
        "The users to try payments with are there already; nothing new. Their API keys were written to {File}. "
        + "One that is lost: POST /api/v1/users/ID/rotate-key with the admin key gives another")]
    private static partial void AllThere(ILogger logger, string file);

    [LoggerMessage(82, LogLevel.Critical,
        "--seed adds users whose keys lie in a file, and does so in Development alone. "
        + "Add real users by POST /api/v1/users; on a machine to try it on set ASPNETCORE_ENVIRONMENT=Development")]
    private static partial void NotHere(ILogger logger);

    [LoggerMessage(83, LogLevel.Critical, "Adding users to try payments with failed, and none was added. Start it again when the cause is mended")]
    private static partial void Failed(ILogger logger, Exception exception);
}
