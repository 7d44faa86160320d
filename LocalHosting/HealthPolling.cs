using Microsoft.Extensions.DependencyInjection;

namespace LocalHosting;

/// <summary>How soon Aspire learns that a service is ready.</summary>
public static class HealthPolling
{
    /// <summary>
    /// Lets each HTTP health check ask again for a while before it says no. Aspire first asks when the process has just been started, when nothing listens
    /// yet, and then again after 1, 2, 3 and more seconds: services that were ready after 4 s counted as ready after 7, and what waits for them was
    /// started that late.
    /// </summary>
    /// <param name="builder">The application, with all of its services.</param>
    public static IDistributedApplicationBuilder PollHealthChecks(this IDistributedApplicationBuilder builder)
    {
        // The name of a check is also that of its HttpClient.
        foreach (var check in builder.Resources.OfType<ProjectResource>().SelectMany(project => project.Annotations.OfType<HealthCheckAnnotation>()))
            builder.Services.AddHttpClient(check.Key).AddHttpMessageHandler(() => new Asking());
        return builder;
    }

    private sealed class Asking : DelegatingHandler
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

        // Each time costs processor time of a machine that is starting everything else, most of all where a service answers that it is not ready.
        private static readonly TimeSpan UntilItListens = TimeSpan.FromMilliseconds(200), UntilItIsReady = TimeSpan.FromMilliseconds(500);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var begun = TimeProvider.System.GetTimestamp();
            while (true)
            {
                var isLast = TimeProvider.System.GetElapsedTime(begun) > Patience;
                var interval = UntilItIsReady;
                try
                {
                    var response = await base.SendAsync(request, cancellationToken);
                    if (response.IsSuccessStatusCode || isLast) return response;
                    response.Dispose();
                }
                catch (HttpRequestException) when (!isLast)
                {
                    interval = UntilItListens;
                }

                await Task.Delay(interval, cancellationToken);
            }
        }
    }
}
