using System.Collections.Immutable;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServiceDefaults.Health;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.Requests;
using ServiceDefaults.Starting;
using ServiceDefaults.Stopping;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults;

/// <summary>What every service of AspireWebhooks shares, in the three places where a Program.cs asks for it.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// The number of connections that the kernel keeps until they are accepted. Beyond it (or <c>net.core.somaxconn</c>, if lower) it drops new ones silently;
    /// clients repeat them after 1 s and 3 s, when senders have given up. With Kestrel's 512, 105-405 of a burst of 1,000 were dropped on a busy machine.
    /// </summary>
    private const int ListenBacklog = 4096;

    /// <summary>
    /// Settings of all Kafka clients, below any other setting of the same name. TCP keepalive finds a broker that vanished without closing its connections,
    /// on idle connections too.
    /// </summary>
    private static readonly ImmutableArray<KeyValuePair<string, string?>> KafkaDefaults =
    [
        new("Aspire:Confluent:Kafka:Producer:Config:SocketKeepaliveEnable", "true"),
        new("Aspire:Confluent:Kafka:Consumer:Config:SocketKeepaliveEnable", "true"),
    ];

    /// <summary>
    /// Adds secrets by their other names, telemetry, health checks, snake_case JSON, the clock, the known proxies, an end in order, and the OpenAPI document
    /// <c>/openapi/{document}.json</c>.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="document">The short name of its OpenAPI document, such as <c>ingest</c>.</param>
    /// <param name="description">What the service does, one sentence, shown on /docs.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string document, string description)
    {
        StartFaults.EndWithSentence(builder.Environment);
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = KafkaDefaults });
        builder.AddSecretSettings();
        builder.AddTelemetry();
        builder.AddOpenApiDocument(document, description);
        builder.Services.AddHealthChecks();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddClientAddress();
        builder.AddStopping();
        builder.Services.ConfigureHttpJsonOptions(options => WireJson.Apply(options.SerializerOptions));

        builder.Services.AddTransient<IStartupFilter, HeadRequests>();

        // The server's name helps nobody but an attacker.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.WebHost.ConfigureKestrel(RequestLimits.Configure);
        builder.WebHost.UseSockets(sockets => sockets.Backlog = ListenBacklog);
        return builder;
    }

    /// <summary>
    /// Gives every response its X-Request-ID and every error its application/problem+json, and refuses what is too large. First in the pipeline. Validates all
    /// options first: the host would log a wrong setting with a page of stack.
    /// </summary>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.UseRequestDefaults();
        return app;
    }

    /// <summary>What every request goes through, also one that leaves the pipeline before routing (<see cref="FirstEndpoints"/>).</summary>
    internal static void UseRequestDefaults(this IApplicationBuilder app)
    {
        app.Use(HeadRequests.RestoreAsync);
        app.UseStopping();
        app.UseMiddleware<RequestIds>();
        app.UseMiddleware<ProblemResponses>();
        app.UseMiddleware<RequestLimits>();
    }

    /// <summary>Maps <c>/health</c> (ready), <c>/alive</c> (the process answers) and <c>/openapi/*.json</c>.</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        app.MapHealth();
        app.MapOpenApiDocument();
        return app;
    }
}
