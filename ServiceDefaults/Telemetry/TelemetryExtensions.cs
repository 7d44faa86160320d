using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ServiceDefaults.Telemetry;

/// <summary>Traces, metrics and logs by OpenTelemetry, sent to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>; without that setting none are sent.</summary>
internal static class TelemetryExtensions
{
    /// <summary>Matches the names of this repository's ActivitySources and Meters.</summary>
    private const string OwnSources = $"{OwnPrefix}*";

    private const string OwnPrefix = "AspireWebhooks.";

    /// <summary>Logs report what the service did; single requests and statements are in traces. Any setting of the same name wins.</summary>
    private static readonly ImmutableArray<KeyValuePair<string, string?>> LogLevels =
    [
        new("Logging:LogLevel:Default", "Information"),
        new("Logging:LogLevel:Microsoft", "Warning"),

        // On a new database EF Core queries its history table and fails; a failure that matters is thrown anyway.
        new("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command", "Critical"),
        new("Logging:LogLevel:Npgsql", "Warning"),

        // /health reports what is away. The same once a second in the log, while a system starts, would look like a fault.
        new("Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks", "Critical"),
        new("Logging:LogLevel:System.Net.Http", "Warning"),
        new("Logging:LogLevel:Yarp", "Warning"),

        // The front door's UpstreamFailures logs what callers got. YARP's own lines have a stack each, and one for every body that a caller broke off.
        new("Logging:LogLevel:Yarp.ReverseProxy.Forwarder.HttpForwarder", "Error"),

        // ASP.NET Core's authentication makes keys to encrypt cookies with, and warns that they are stored as they are. Nothing here has such a cookie:
        // access tokens are signed with Auth__Jwt__SigningKeys__n.
        new("Logging:LogLevel:Microsoft.AspNetCore.DataProtection", "Error"),
    ];

    /// <summary>
    /// How the console is written: lines for people, or with <c>Logging__Console__FormatterName=json</c> an object a line for a collector of logs, with the
    /// time in UTC and the scopes, in which the trace's id is. Any setting of the same name wins.
    /// </summary>
    private static readonly ImmutableArray<KeyValuePair<string, string?>> ConsoleFormat =
    [
        new("Logging:Console:FormatterName", LogLineFormatter.FormatterName),
        new("Logging:Console:FormatterOptions:IncludeScopes", "true"),
        new("Logging:Console:FormatterOptions:TimestampFormat", "yyyy-MM-ddTHH:mm:ss.fffZ"),
        new("Logging:Console:FormatterOptions:UseUtcTimestamp", "true"),
    ];

    /// <summary>
    /// Seconds, for our own durations: from a commit to a transaction that is far behind its time. OpenTelemetry's default begins with 0, 5 and 10, which tells
    /// nothing of milliseconds.
    /// </summary>
    private static readonly double[] Durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = [.. LogLevels, .. ConsoleFormat] });
        builder.Logging.AddConsole();
        builder.Logging.AddConsoleFormatter<LogLineFormatter, ConsoleFormatterOptions>();
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;

        var service = builder.Configuration["OTEL_SERVICE_NAME"] ?? builder.Environment.ApplicationName;
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        // traceparent is written by .NET itself, as each handler says. OpenTelemetry's instrumentation would write it too, and its baggage, whatever the
        // handler says: into webhooks to strangers as well. With this propagator it leaves that to .NET.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service, autoGenerateServiceInstanceId: false).AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(requests => requests.Filter = IsNoProbe).AddHttpClientInstrumentation().AddSource(OwnSources))
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation().AddMeter(OwnSources).AddView(BucketsOf))
            .UseOtlpExporter();
    }

    internal static MetricStreamConfiguration? BucketsOf(Instrument instrument) =>
        instrument is Histogram<double> { Unit: "s" } && instrument.Meter.Name.StartsWith(OwnPrefix, StringComparison.Ordinal)
            ? new ExplicitBucketHistogramConfiguration { Boundaries = Durations }
            : null;

    // Orchestrators probe every few seconds, which would hide the traces that people look for.
    private static bool IsNoProbe(HttpContext context) => !context.Request.Path.StartsWithSegments("/health") && context.Request.Path != "/alive";
}
