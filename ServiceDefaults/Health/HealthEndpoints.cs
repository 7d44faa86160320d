using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Requests;

namespace ServiceDefaults.Health;

/// <summary>
/// <c>GET /health</c> (readiness): 200 when the service can take requests, otherwise 503, with the state of every dependency.
/// <c>GET /alive</c> (liveness): the process answers. It checks no dependency, so that an orchestrator does not restart a service
/// because its database is down.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>A dependency that takes longer is reported as unhealthy: a probe's own time-out is usually a few seconds.</summary>
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", ReadyAsync)
            .WithTags("Health").WithSummary("Readiness: its dependencies answer.")
            .Produces<HealthReply>().Produces<HealthReply>(StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/alive", (IHostEnvironment environment) => Reply(HealthStatus.Healthy, environment, []))
            .WithTags("Health").WithSummary("Liveness: the process answers.")
            .Produces<HealthReply>();
    }

    private static async Task<IResult> ReadyAsync(
        HealthCheckService checks, IOptions<HealthCheckServiceOptions> options, IHostEnvironment environment, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(CheckTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var names = options.Value.Registrations.Select(registration => registration.Name).ToArray();
        var aside = either.Token.OnOwnThread();
        var statuses = await Task.WhenAll(names.Select(name => StatusAsync(checks, name, aside, either.Token)));
        return Reply(
            statuses.DefaultIfEmpty(HealthStatus.Healthy).Min(),
            environment,
            names.Zip(statuses).ToDictionary(check => Key(check.First), check => Word(check.Second)));
    }

    // One check at a time, so that a check that does not answer is named and hides no other. A check that ignores its token is not waited for either.
    private static async Task<HealthStatus> StatusAsync(HealthCheckService checks, string name, CancellationToken aside, CancellationToken cancellationToken)
    {
        try
        {
            var report = await checks.CheckHealthAsync(check => check.Name == name, aside).WaitAsync(cancellationToken);
            return report.Status;
        }
        catch (OperationCanceledException)
        {
            return HealthStatus.Unhealthy;
        }
    }

    private static IResult Reply(HealthStatus status, IHostEnvironment environment, Dictionary<string, string> checks) => Results.Json(
        new HealthReply(status == HealthStatus.Unhealthy ? "unhealthy" : "healthy", Key(environment.ApplicationName), checks),
        HealthJson.Default.HealthReply,
        statusCode: status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    private static string Key(string name) => name.ToLowerInvariant();
}

/// <summary>The body of <c>/health</c> and <c>/alive</c>.</summary>
/// <param name="Status"><c>healthy</c> or <c>unhealthy</c>.</param>
/// <param name="Service">The service that answers, such as <c>ingest.api</c>.</param>
/// <param name="Checks">Each dependency: <c>healthy</c>, <c>degraded</c> (work goes on without it) or <c>unhealthy</c>.</param>
internal sealed record HealthReply(string Status, string Service, Dictionary<string, string> Checks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthReply))]
internal sealed partial class HealthJson : JsonSerializerContext;
