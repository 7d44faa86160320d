using Microsoft.Extensions.Diagnostics.HealthChecks;
using Portal.Web.FrontDoor;

namespace Portal.Web.Health;

/// <summary>
/// One check for each service behind the door. A service that is not ready is <c>degraded</c>: taking the front door out of rotation for
/// one part's fault would take the others down with it, and the door still has an answer (503 with Retry-After). Only when none of them answers
/// at all is this door of no use, and another, on another machine, may be: <c>unhealthy</c>.
/// </summary>
internal static class ServicesHealth
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

/// <summary>Asks a service for its <c>/health</c>.</summary>
internal sealed class ServiceProbe(HttpClient client)
{
    /// <summary>Under HealthEndpoints' 2 s, also when the other services have to be asked after the first.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(0.9);

    /// <summary>True: ready. False: it answers, and is not ready. Null: no answer.</summary>
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
