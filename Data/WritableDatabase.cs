using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Data;

/// <summary>
/// A service that writes is not ready on a server that takes no writes (a demoted primary, or one set to read only), though the database answers.
/// </summary>
public static class WritableDatabase
{
    /// <summary>Adds the health check <c>database_writable</c>.</summary>
    public static void AddWritableCheck(this IServiceCollection services) => services.AddHealthChecks().Add(new(
        "database_writable", provider => new Check(provider.GetRequiredService<NpgsqlDataSource>()), failureStatus: null, tags: null));

    private sealed class Check(NpgsqlDataSource database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            await using var command = database.CreateCommand("SELECT current_setting('transaction_read_only') = 'off'");
            var isWritable = await command.ExecuteScalarAsync(cancellationToken) is true;
            if (isWritable) return HealthCheckResult.Healthy();

            // The pool's connections would stay connected to a demoted primary; a new one goes where the host's name leads now.
            database.Clear();
            return HealthCheckResult.Unhealthy("The database takes no writes.");
        }
    }
}
