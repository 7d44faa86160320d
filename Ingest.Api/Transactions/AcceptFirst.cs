using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults;
using ServiceDefaults.Authentication;

namespace Ingest.Api.Transactions;

/// <summary>
/// Lets webhooks leave the pipeline before routing, authentication and authorization, which take 3.6 us of processor of the 50 that a webhook takes in all
/// (docs/performance.md). Only what needs no further look leaves: a POST to the one path, with a key that is known, or without one where none is needed.
/// Every other request goes the ordinary way, where a webhook meets the same handler.
/// </summary>
internal sealed class AcceptFirst(AcceptTransaction accept) : IStartupFilter
{
    private Endpoint? _endpoint;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var isLetIn = ApiKeyAuthentication.IsLetInByKey(app.ApplicationServices);
        app.MapWhen(
            context => context.Request.Path.Value == AcceptTransaction.Path && HttpMethods.IsPost(context.Request.Method) && isLetIn(context.Request),
            webhooks =>
            {
                webhooks.UseRequestDefaults();
                webhooks.Run(HandleAsync);
            });
        next(app);
    };

    private async Task HandleAsync(HttpContext context)
    {
        context.SetEndpoint(_endpoint ??= EndpointOf(context.RequestServices)); // Its route names the request's span and is a tag of its metrics.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { } size) size.MaxRequestBodySize = AcceptTransaction.MaxBodyBytes;
        var answer = await accept.HandleAsync(context);
        await answer.ExecuteAsync(context);
    }

    private static Endpoint EndpointOf(IServiceProvider services) => services.GetRequiredService<EndpointDataSource>().Endpoints
        .Single(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == AcceptTransaction.Name);
}
