using Aspire.Npgsql;
using LocalHosting.Clients;
using LocalHosting.Clients.PostgreSQL;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers data sources.</summary>
public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string Section = "Aspire:Npgsql";

    /// <summary>Registers <see cref="NpgsqlDataSource"/> for the database <c>ConnectionStrings:connectionName</c>, with health check, spans and meter.</summary>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder, string connectionName, Action<NpgsqlSettings>? configureSettings = null, Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        var settings = new NpgsqlSettings();
        Settings.Bind(builder, Section, connectionName, settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton(services =>
        {
            var source = new NpgsqlDataSourceBuilder(Settings.Needed(settings.ConnectionString, connectionName));
            source.UseLoggerFactory(services.GetService<ILoggerFactory>());
            configureDataSourceBuilder?.Invoke(source);
            return source.Build();
        });
        if (!settings.DisableHealthChecks)
            builder.TryAdd("PostgreSql", services => new PostgresHealthCheck(services.GetRequiredService<NpgsqlDataSource>));
        builder.AddNpgsqlTelemetry(tracing: !settings.DisableTracing, metrics: !settings.DisableMetrics);
    }
}
