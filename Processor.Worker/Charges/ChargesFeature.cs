using Contracts;
using Data.DeadLetters;
using Microsoft.Extensions.Options;
using Processor.Worker.Clients;
using Processor.Worker.Work;
using Stripe;

namespace Processor.Worker.Charges;

/// <summary>
/// Charges and refunds at Stripe: claimed work (<see cref="ClaimWork{TId, TClaimed}"/>) whose records come from the topic <c>charges</c>. Registered in the
/// order of a charge's way; hosted services stop in the reverse order.
/// </summary>
internal static class ChargesFeature
{
    private const string Http = "stripe";

    /// <summary>
    /// Callers wait for the outcome. Apache Kafka answers as soon as there is a record; the embedded broker holds an answer back until the wait is over, and a
    /// charge then took 500 ms.
    /// </summary>
    private const int FetchWaitMs = 25;

    public static void AddCharges(this WebApplicationBuilder builder)
    {
        AddOptions(builder);
        builder.Services.AddHttpClient(Http).ConfigurePrimaryHttpMessageHandler(ClientsFeature.OutboundHandler);
        builder.Services.AddSingleton(NewStripeApi);
        builder.Services.AddSingleton<ChargeMetrics>();
        builder.Services.AddSingleton<ClaimStripeRequests>();
        builder.Services.AddSingleton<AskStripe>();
        builder.AddClaimedWork(Topics.Charges, Rules, new ChargeRecord(), FetchWaitMs);
    }

    private static WorkRules<Guid, ClaimedStripeRequest> Rules(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<StripeOptions>>().Value;
        var (claim, ask) = (services.GetRequiredService<ClaimStripeRequests>(), services.GetRequiredService<AskStripe>());
        return new(
            Topics.Charges, DeadLetterReason.UnknownCharge, options.MaxConcurrency, options.Lease,
            claim.RunAsync, request => request.Id, claim.KnownAsync, (request, _) => ask.RunAsync(request),
            options.ApiKey is null ? "there is no Stripe, so card payments stay pending; set Stripe__ApiKey to charge cards" : null);
    }

    /// <summary>No retries and no telemetry of the SDK's own: it would wait and repeat where our schedule does.</summary>
    private static StripeApi NewStripeApi(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<StripeOptions>>().Value;
        var http = services.GetRequiredService<IHttpClientFactory>().CreateClient(Http);
        http.Timeout = options.Timeout;
        var client = new StripeClient(new StripeClientOptions
        {
            ApiKey = options.ApiKey ?? StripeOptions.SandboxKey,
            ApiBase = options.ApiBase?.AbsoluteUri.TrimEnd('/'), // With a slash at its end the SDK sends //v1/.
            HttpClient = new SystemNetHttpClient(http, maxNetworkRetries: 0, appInfo: null, enableTelemetry: false),
        });
        return new(client, options.Timeout, services.GetRequiredService<TimeProvider>());
    }

    private static void AddOptions(WebApplicationBuilder builder) => builder.Services.AddOptions<StripeOptions>().BindConfiguration(StripeOptions.Section)
        .PostConfigure<IConfiguration>((stripe, configuration) =>
        {
            if (stripe.ApiKey is not null) return;
            stripe.ApiBase ??= Uri.TryCreate(configuration["services:sandbox:http:0"], UriKind.Absolute, out var sandbox) ? sandbox : null;
            if (stripe.ApiBase is not null) stripe.ApiKey = StripeOptions.SandboxKey;
        })
        .Validate(o => o.ApiKey is null || (o.ApiKey.Length > 0 && !o.ApiKey.Any(char.IsWhiteSpace)),
            "Stripe__ApiKey must be a secret key of Stripe's, such as sk_test_..., without white space.")
        .Validate(o => o.ApiBase is null || (o.ApiBase.IsAbsoluteUri && o.ApiBase.Scheme is "http" or "https"), "Stripe__ApiBase must be an absolute http or "
            + "https URL; leave it out for Stripe itself.")
        .Validate(o => IsBetween(o.Timeout, 0.001, 300), "Stripe__Timeout must be between 00:00:00.001 and 00:05:00.")
        .Validate(o => o.MaxRetries is >= 0 and <= 100, "Stripe__MaxRetries must be between 0 and 100.")
        .Validate(o => IsBetween(o.RetryBase, 0.001, 60), "Stripe__RetryBase must be between 00:00:00.001 and 00:01:00.")
        .Validate(o => IsBetween(o.MaxRetryWait, 0.001, 24 * 3600), "Stripe__MaxRetryWait must be between 00:00:00.001 and 1.00:00:00.")
        .Validate(o => IsBetween(o.ProcessingWait, 0.001, 24 * 3600), "Stripe__ProcessingWait must be between 00:00:00.001 and 1.00:00:00.")
        .Validate(o => IsBetween(o.MisconfiguredWait, 0.001, 3600), "Stripe__MisconfiguredWait must be between 00:00:00.001 and 01:00:00.")
        .Validate(o => IsBetween(o.KeyLifetime, 1, 23.5 * 3600),
            "Stripe__KeyLifetime must be between 00:00:01 and 23:30:00: Stripe may forget a key after 24 h.")
        .Validate(o => o.Lease >= o.Timeout * 2.5 && o.Lease <= TimeSpan.FromHours(1), "Stripe__Lease must be at least 2.5 times Stripe__Timeout, and at most "
            + "01:00:00.")
        .Validate(o => o.MaxConcurrency is >= 1 and <= 10_000, "Stripe__MaxConcurrency must be between 1 and 10000 requests.")
        .ValidateOnStart();

    private static bool IsBetween(TimeSpan value, double seconds, double most) => value >= TimeSpan.FromSeconds(seconds) && value <= TimeSpan.FromSeconds(most);
}
