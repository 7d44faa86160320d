using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServiceDefaults.Authentication;

namespace ServiceDefaults.Requests;

/// <summary>A way past the middle of the pipeline, for an endpoint that is asked very often.</summary>
/// <param name="Name">The endpoint's.</param>
/// <param name="Matches">Whether a request is plainly this endpoint's, by method and path. False says nothing: routing decides.</param>
/// <param name="HandleAsync">What the endpoint's own handler does, with what it needs from the service.</param>
public sealed record FirstEndpoint(string Name, Func<HttpRequest, bool> Matches, Func<IServiceProvider, Func<HttpContext, Task<IResult>>> HandleAsync)
{
    /// <summary>As in <see cref="ApiKeyAuthentication.RequireApiKey"/>.</summary>
    public bool IsProtectedOtherwise { get; init; }

    /// <summary>Adds middleware of the service's own that the endpoint needs on the ordinary way too.</summary>
    public Action<IApplicationBuilder>? Through { get; init; }
}

/// <summary>
/// Lets the requests of a few endpoints leave the pipeline before routing, authentication and authorization, which take 3.6 us of the 50 us of processor that a
/// webhook takes in all (docs/performance.md). Only what needs no further look leaves: a request that is plainly for the endpoint, with a key that is known, or
/// without one where none is needed. Every other request goes the ordinary way, where it meets the same handler. What all requests go through is on both ways
/// (<see cref="ServiceDefaultsExtensions.UseRequestDefaults"/>).
/// </summary>
internal sealed class FirstEndpoints(IEnumerable<FirstEndpoint> endpoints) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        foreach (var first in endpoints)
        {
            var isLetIn = ApiKeyAuthentication.IsLetInByKey(app.ApplicationServices, first.IsProtectedOtherwise);
            app.MapWhen(context => first.Matches(context.Request) && isLetIn(context.Request), way =>
            {
                way.UseRequestDefaults();
                first.Through?.Invoke(way);
                way.Run(HandlerOf(first, app.ApplicationServices));
            });
        }

        next(app);
    };

    private static RequestDelegate HandlerOf(FirstEndpoint first, IServiceProvider services)
    {
        var handleAsync = first.HandleAsync(services);
        var endpoint = new Lazy<Endpoint>(() => EndpointOf(first.Name, services)); // Endpoints are mapped after this.
        return async context =>
        {
            // The endpoint's route names the request's span and is a tag of its metrics. Its limit of the body is otherwise set by routing.
            context.SetEndpoint(endpoint.Value);
            var limit = endpoint.Value.Metadata.GetMetadata<IRequestSizeLimitMetadata>();
            if (limit is not null && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { } size) size.MaxRequestBodySize = limit.MaxRequestBodySize;
            await (await handleAsync(context)).ExecuteAsync(context);
        };
    }

    private static Endpoint EndpointOf(string name, IServiceProvider services) => services.GetRequiredService<EndpointDataSource>().Endpoints
        .Single(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == name);
}

/// <summary>Registers a <see cref="FirstEndpoint"/>.</summary>
public static class FirstEndpointsFeature
{
    /// <summary>Adds one. The service must also map the endpoint, with this name, and require a key for it.</summary>
    public static void AddFirstEndpoint(this IServiceCollection services, FirstEndpoint endpoint)
    {
        services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, FirstEndpoints>());
        services.AddSingleton(endpoint);
    }
}
