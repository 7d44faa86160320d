using System.Collections.Immutable;
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
    private const string OwnSources = "AspireWebhooks.*";

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

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = LogLevels });
        builder.Logging.AddConsole(console => console.FormatterName = LogLineFormatter.FormatterName);
        builder.Logging.AddConsoleFormatter<LogLineFormatter, ConsoleFormatterOptions>();
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;

        var service = builder.Configuration["OTEL_SERVICE_NAME"] ?? builder.Environment.ApplicationName;
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        // traceparent is written by .NET itself, as each handler says. OpenTelemetry's instrumentation would write it too, and its baggage, whatever the handler
        // says: into webhooks to strangers as well. With this propagator it leaves that to .NET.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service, autoGenerateServiceInstanceId: false).AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(requests => requests.Filter = IsNoProbe).AddHttpClientInstrumentation().AddSource(OwnSources))
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation().AddMeter(OwnSources))
            .UseOtlpExporter();
    }

    // Orchestrators probe every few seconds, which would hide the traces that people look for.
    private static bool IsNoProbe(HttpContext context) => !context.Request.Path.StartsWithSegments("/health") && context.Request.Path != "/alive";
}
