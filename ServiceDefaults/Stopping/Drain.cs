using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ServiceDefaults.Stopping;

/// <summary>How a service leaves those that send it requests. Section <c>Stopping</c>.</summary>
public sealed class StoppingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Stopping";

    /// <summary>Longer would only delay every roll-out: load balancers look every few seconds.</summary>
    internal static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(1);

    /// <summary>
    /// From SIGTERM until the server takes no more connections. Meanwhile <c>/health</c> answers 503, requests are served, and each answer ends its
    /// connection. Zero, the default, is for a machine on which nobody balances a load.
    /// </summary>
    public TimeSpan Drain { get; set; }
}

/// <summary>
/// The time between SIGTERM and the end of the listener. The host tells this service before it stops any other, so everything still works: whoever asks
/// <c>/health</c> learns that it is to send no more, and connections that are kept alive (the front door's, a load balancer's) end with an answer instead of
/// under a request. A process that is killed has no such time; nothing depends on it.
/// </summary>
internal sealed class Drain(IOptions<StoppingOptions> options, TimeProvider clock) : IHostedLifecycleService
{
    private volatile bool _isOn;

    /// <summary>Whether the service is about to stop.</summary>
    public bool IsOn => _isOn;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isOn = true;
        if (options.Value.Drain == TimeSpan.Zero) return;
        await Task.Delay(options.Value.Drain, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends the connection with the answer. An upgraded connection has no answer that could.</summary>
    public Task CloseConnectionAsync(HttpContext context, RequestDelegate next)
    {
        if (_isOn && !context.Request.Headers.ContainsKey(HeaderNames.Upgrade))
        {
            context.Response.OnStarting(
                static response =>
                {
                    ((HttpResponse)response).Headers.Connection = "close";
                    return Task.CompletedTask;
                },
                context.Response);
        }

        return next(context);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Registers <see cref="Drain"/>.</summary>
internal static class StoppingFeature
{
    public static void AddStopping(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StoppingOptions>().BindConfiguration(StoppingOptions.Section)
            .Validate(stopping => stopping.Drain >= TimeSpan.Zero && stopping.Drain <= StoppingOptions.LongestDrain,
                "Stopping__Drain must be between 00:00:00 and 00:01:00, such as 00:00:05.")
            .ValidateOnStart();
        builder.Services.TryAddSingleton<Drain>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Drain>());

        // What comes after it has its whole time: the host's limit is counted from SIGTERM.
        builder.Services.AddOptions<HostOptions>().PostConfigure<IOptions<StoppingOptions>>((host, stopping) =>
            host.ShutdownTimeout += stopping.Value.Drain);
    }

    public static void UseStopping(this IApplicationBuilder app) => app.Use(app.ApplicationServices.GetRequiredService<Drain>().CloseConnectionAsync);
}
