using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Requests;
using ServiceDefaults.Stopping;

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
            .WithName("getHealth").WithTags("Health").WithSummary("Readiness: its dependencies answer.")
            .Produces<HealthReply>().Produces<HealthReply>(StatusCodes.Status503ServiceUnavailable)
            .Answers(StatusCodes.Status200OK, "Ready: requests can be taken.")
            .WithResponseExample(StatusCodes.Status200OK, Example("healthy"))
            .Answers(StatusCodes.Status503ServiceUnavailable, "Not ready; checks names what is missing.")
            .WithResponseExample(StatusCodes.Status503ServiceUnavailable, Example("unhealthy"));
        routes.MapGet("/alive", (IHostEnvironment environment) => Reply(HealthStatus.Healthy, environment, []))
            .WithName("getLiveness").WithTags("Health").WithSummary("Liveness: the process answers.")
            .Produces<HealthReply>()
            .Answers(StatusCodes.Status200OK, "The process answers. No dependency is checked.")
            .WithResponseExample(StatusCodes.Status200OK, """{"status":"healthy","service":"portal.web","checks":{}}""");
    }

    /// <summary>The front door's answer: its paths are those that the API's document shows.</summary>
    private static string Example(string status) =>
        $$$"""
        {"status":"{{{status}}}","service":"portal.web",
         "checks":{"ingest-api":"{{{status}}}","query-api":"{{{status}}}","processor-worker":"{{{status}}}"}}
        """;

    private static async Task<IResult> ReadyAsync(
        HealthCheckService checks, IOptions<HealthCheckServiceOptions> options, IHostEnvironment environment, TimeProvider clock,
        Drain drain, CancellationToken cancellationToken)
    {
        // No dependency is asked: the answer is no, whatever they say.
        if (drain.IsOn) return Reply(HealthStatus.Unhealthy, environment, new() { ["stopping"] = Word(HealthStatus.Unhealthy) });

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
        HealthJson.Wire.HealthReply,
        statusCode: status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    private static string Key(string name) => name.ToLowerInvariant();
}

/// <summary>The state of the part that answers.</summary>
[DisplayName("Health")]
internal sealed record HealthReply(
    [property: Description("Whether it can take requests."), AllowedValues("healthy", "unhealthy")] string Status,
    [property: Description("The service that answers, in lower case.")] string Service,
    [property: Description("Each dependency: healthy, degraded (work goes on without it) or unhealthy.")] Dictionary<string, string> Checks);

[JsonSerializable(typeof(HealthReply))]
internal sealed partial class HealthJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static HealthJson Wire { get; } = new(WireJson.Options());
}
