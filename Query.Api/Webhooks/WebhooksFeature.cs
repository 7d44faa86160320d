using System.Text.Json.Serialization;
using Contracts;
using Data.Webhooks;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;

namespace Query.Api.Webhooks;

/// <summary>Registers the reads of outbound webhooks: routes, JSON, and who may read what.</summary>
internal static class WebhooksFeature
{
    public static WebApplicationBuilder AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.AddWebhookAuthentication();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, EndpointJson.Wire);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, DeliveryJson.Wire);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, EventJson.Wire);
        });
        return builder;
    }

    public static WebApplication MapWebhooks(this WebApplication app)
    {
        var group = app.MapGroup("/webhooks").WithTags("Webhooks").RequireWebhookAccess()
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
        group.MapListEndpoints();
        group.MapGetEndpoint();
        group.MapGetEndpointStats();
        group.MapListDeliveries();
        group.MapGetDelivery();
        group.MapPollEvents();
        group.MapListEventTypes();
        return app;
    }

    /// <summary>Reads <c>customer_id</c>: the customer to show; null for all. Who comes by a portal link sees their own, whether they say so or not.</summary>
    /// <param name="parameters">The request's.</param>
    /// <param name="scope">The customer of the portal link; null for a caller who sees everybody's.</param>
    public static string? TakeCustomer(this QueryParameters parameters, string? scope)
    {
        var asked = parameters.TakeId("customer_id", "a customer's id");
        if (scope is not null && asked is not null && asked != scope)
            parameters.Errors.TryAdd("customer_id", ["customer_id must be the portal link's own customer: leave it out"]);
        return scope ?? asked;
    }
}

/// <summary>Source-generated JSON of events, their types, and figures; snake_case.</summary>
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(EndpointStatsReply))]
[JsonSerializable(typeof(IReadOnlyList<EventTypeReply>))]
internal sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static EventJson Wire { get; } = new(WireJson.Options());
}
