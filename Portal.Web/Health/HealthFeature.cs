using Microsoft.Extensions.Diagnostics.HealthChecks;
using Portal.Web.FrontDoor;

namespace Portal.Web.Health;

/// <summary>
/// One check per service. A service that is not ready is <c>degraded</c>: without the front door its other services would be unavailable too, and it
/// still answers with 503 and Retry-After. It is <c>unhealthy</c> only when no service answers at all: another front door, on another machine,
/// may then be of more use.
/// </summary>
internal static class HealthFeature
{
    public static WebApplicationBuilder AddServicesHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient<ServiceProbe>(client => client.Timeout = ServiceProbe.Timeout).RemoveAllLoggers();
        var checks = builder.Services.AddHealthChecks();
        foreach (var service in BackendServices.From(builder.Configuration).All)
            checks.Add(new(service.Name, provider => ActivatorUtilities.CreateInstance<ServiceHealthCheck>(provider, service), null, null));
        return builder;
    }
}

/// <summary>Reads a service's <c>/health</c>.</summary>
internal sealed class ServiceProbe(HttpClient client)
{
    /// <summary>Twice this is under the 2 s of HealthEndpoints: the other services may have to be asked after the first.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(0.9);

    /// <summary>Returns true for ready, false for a response that says not ready, null without a response.</summary>
    public async Task<bool?> AskAsync(BackendService service, CancellationToken cancellationToken)
    {
        var replicas = await Task.WhenAll(service.Addresses.Select(address => AskAsync(address, cancellationToken)));
        return replicas.Contains(true) ? true : replicas.Contains(false) ? false : null;
    }

    private async Task<bool?> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(address, "/health"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}

internal sealed class ServiceHealthCheck(BackendService service, BackendServices services, ServiceProbe probe) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var ready = await probe.AskAsync(service, cancellationToken);
        if (ready == true) return HealthCheckResult.Healthy();
        if (ready == false) return HealthCheckResult.Degraded("It answers, and is not ready.");

        var others = services.All.Where(other => other != service).Select(other => probe.AskAsync(other, cancellationToken)).ToList();
        while (others.Count > 0)
        {
            var first = await Task.WhenAny(others);
            if (await first is not null) return HealthCheckResult.Degraded("It does not answer.");
            others.Remove(first);
        }

        return HealthCheckResult.Unhealthy("No service behind the front door answers.");
    }
}
