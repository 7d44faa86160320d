using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace LocalHosting.Clients.PostgreSQL;

/// <summary>Healthy when the database answers.</summary>
internal sealed class PostgresHealthCheck(Func<NpgsqlDataSource> source) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = source().CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            return new(context.Registration.FailureStatus, e.Message, e);
        }
    }
}

internal static class NpgsqlTelemetry
{
    /// <summary>Npgsql names its activity source and its meter "Npgsql".</summary>
    private const string Name = "Npgsql";

    public static void AddNpgsqlTelemetry(this IHostApplicationBuilder builder, bool tracing, bool metrics)
    {
        if (tracing)
            builder.Services.AddOpenTelemetry().WithTracing(provider => provider.AddSource(Name));
        if (metrics)
            builder.Services.AddOpenTelemetry().WithMetrics(provider => provider.AddMeter(Name));
    }
}
