using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace LocalHosting.Clients;

internal static class HealthChecks
{
    /// <summary>Adds a check once: two clients of one server are asked about by one check, and two checks of one name are refused at run time.</summary>
    public static void TryAdd(this IHostApplicationBuilder builder, string name, Func<IServiceProvider, IHealthCheck> check)
    {
        if (builder.Properties.TryAdd($"HealthCheck:{name}", true))
            builder.Services.AddHealthChecks().Add(new(name, check, failureStatus: null, tags: null));
    }
}
