using System.Net;
using Contracts;
using Data;
using Data.DeadLetters;
using Data.Webhooks;
using Microsoft.Extensions.Options;
using Processor.Worker.Work;
using ServiceDefaults.Outbound;

namespace Processor.Worker.Webhooks;

/// <summary>
/// Outbound webhooks. Events become deliveries (<see cref="FanOutEvents"/>); an endpoint with deliveries that are due is claimed work whose records come from
/// the topic <c>deliveries</c> (<see cref="ServeEndpoint"/>). Registered in the order of an event's way; hosted services stop in the reverse order.
/// </summary>
internal static class WebhooksFeature
{
    /// <summary>As charges: the embedded broker holds an answer back until this time is over.</summary>
    private const int FetchWaitMs = 25;

    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        AddOptions(builder);
        builder.AddOutboundOptions();
        builder.AddWebhooksContext();
        builder.AddEndpointSecrets(isMaker: false);
        builder.Services.AddSingleton(services => new SendDelivery(
            GuardedConnection.NewClient(GuardedConnection.NewHandler(
                services.GetRequiredService<IOptions<OutboundOptions>>().Value, Dns.GetHostAddressesAsync, services.GetRequiredService<TimeProvider>())),
            services.GetRequiredService<EndpointSecrets>(), services.GetRequiredService<IOptions<OutboundOptions>>(),
            services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<WebhookMetrics>();
        builder.Services.AddSingleton<RenderEvents>();
        builder.Services.AddSingleton<EndpointTurns>();
        builder.Services.AddSingleton<ClaimDeliveries>();
        builder.Services.AddSingleton<RecordAttempts>();
        builder.Services.AddSingleton<DisableEndpoint>();
        builder.Services.AddSingleton<ServeEndpoint>();
        builder.Services.AddHostedService<FanOutEvents>();
        builder.AddClaimedWork(Topics.Deliveries, Rules, new DeliveryRecord(), FetchWaitMs);
    }

    private static WorkRules<Guid, EndpointTurn> Rules(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<WebhookOptions>>().Value;
        var (serve, claim) = (services.GetRequiredService<ServeEndpoint>(), services.GetRequiredService<ClaimDeliveries>());
        return new(
            Topics.Deliveries, DeadLetterReason.UnknownEndpoint, options.MaxEndpoints, options.Lease,
            (ids, _, _) => Task.FromResult(serve.Begin(ids)), turn => turn.EndpointId, claim.KnownAsync, (turn, _) => serve.RunAsync(turn));
    }

    private static void AddOptions(WebApplicationBuilder builder) => builder.Services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section)
        .Validate(o => o.RetryWaits.Length <= 50 && o.RetryWaits.All(wait => wait > TimeSpan.Zero && wait <= TimeSpan.FromDays(30)),
            "Webhooks__RetryWaits__n must be between 00:00:00.001 and 30.00:00:00, and at most 50 of them.")
        .Validate(o => o.RetryJitter is >= 0 and <= 1, "Webhooks__RetryJitter must be between 0 and 1.")
        .Validate(o => o.MaxPerEndpoint is >= 1 and <= 1_000, "Webhooks__MaxPerEndpoint must be between 1 and 1000 webhooks.")
        .Validate(o => o.MaxEndpoints is >= 1 and <= 100_000, "Webhooks__MaxEndpoints must be between 1 and 100000 endpoints.")
        .Validate(o => o.DisableAfter >= TimeSpan.FromMinutes(1) && o.DisableAfter <= TimeSpan.FromDays(365),
            "Webhooks__DisableAfter must be between 00:01:00 and 365.00:00:00.")
        .Validate(o => o.FanOutInterval > TimeSpan.Zero && o.FanOutInterval <= TimeSpan.FromMinutes(1),
            "Webhooks__FanOutInterval must be between 00:00:00.001 and 00:01:00.")
        .Validate<IOptions<OutboundOptions>>((o, outbound) => o.Lease >= outbound.Value.Timeout * 3 && o.Lease <= TimeSpan.FromHours(1),
            "Webhooks__Lease must be at least 3 times Webhooks__Timeout, since a delivery waits for its place and is sent in it, and at most 01:00:00.")
        .ValidateOnStart();
}
