using LocalHosting.Clients.OpenTelemetry;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers OpenTelemetry with the host.</summary>
public static class OpenTelemetryServicesExtensions
{
    /// <summary>Starts and stops OpenTelemetry with the host; called again it adds to the same.</summary>
    /// <param name="services">The host's services.</param>
    public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services)
    {
        // First in the row: what other services do while they start is seen, too.
        if (services.All(service => service.ImplementationType != typeof(TelemetryStart)))
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryStart>());
        return new(services);
    }
}
