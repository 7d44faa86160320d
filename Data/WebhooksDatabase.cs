using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Data;

/// <summary>The connections of a service to the database <c>webhooks</c>.</summary>
public static class WebhooksDatabase
{
    /// <summary>
    /// Registers <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:webhooks</c>. A statement is a span where it is part of something: of a request, a
    /// record, a batch. What a service asks by itself, such as a heartbeat every 2 s, would be a trace of its own each time and bury those that people look for.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="configure">What this service sets besides.</param>
    public static void AddWebhooksDatabase(this IHostApplicationBuilder builder, Action<NpgsqlDataSourceBuilder>? configure = null) =>
        builder.AddNpgsqlDataSource("webhooks", configureDataSourceBuilder: source =>
        {
            source.ConfigureTracing(tracing => tracing.ConfigureCommandFilter(_ => IsPartOfTrace).ConfigureBatchFilter(_ => IsPartOfTrace));
            configure?.Invoke(source);
        });

    private static bool IsPartOfTrace => Activity.Current is not null;
}
