using Contracts;
using Data.DeadLetters;
using Microsoft.Extensions.Options;
using Processor.Worker.Clients;
using Processor.Worker.Work;

namespace Processor.Worker.Payments;

/// <summary>
/// Payments: claimed work (<see cref="ClaimWork{TId, TClaimed}"/>) whose records come from the topic <c>payments</c>. Registered in the order of a payment's
/// way; hosted services stop in the reverse order.
/// </summary>
internal static class PaymentsFeature
{
    public static void AddPayments(this WebApplicationBuilder builder)
    {
        AddOptions(builder);
        AddBank(builder);
        builder.Services.AddSingleton<PaymentMetrics>();
        builder.Services.AddSingleton<ClaimPayments>();
        builder.Services.AddSingleton<RecordRetries>();
        builder.Services.AddSingleton<CarryOutPayment>();
        builder.AddClaimedWork(Topics.Payments, Rules, new PaymentRecord());
    }

    private static WorkRules<long, ClaimedPayment> Rules(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<PaymentOptions>>().Value;
        var isOff = services.GetRequiredService<IOptions<BankOptions>>().Value.Url is null;
        var (claim, carryOut) = (services.GetRequiredService<ClaimPayments>(), services.GetRequiredService<CarryOutPayment>());
        return new(
            Topics.Payments, DeadLetterReason.UnknownPayment, options.MaxConcurrency, options.Lease,
            claim.RunAsync, payment => payment.Id, claim.KnownAsync, carryOut.RunAsync,
            isOff ? "there is no bank, so they stay pending; set Bank__Url to carry them out" : null);
    }

    private static void AddOptions(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PaymentOptions>().BindConfiguration(PaymentOptions.Section)
            .Validate(o => IsBetween(o.CallbackTimeout, 1, 24 * 3600), "Payments__CallbackTimeout must be between 00:00:01 and 1.00:00:00.")
            .Validate(o => o.MaxRetries is >= 0 and <= 100, "Payments__MaxRetries must be between 0 and 100.")
            .Validate(o => IsBetween(o.RetryBase, 0.001, 60), "Payments__RetryBase must be between 00:00:00.001 and 00:01:00.")
            .Validate(o => IsBetween(o.MaxRetryWait, 0.001, 24 * 3600), "Payments__MaxRetryWait must be between 00:00:00.001 and 1.00:00:00.")
            .Validate(o => IsBetween(o.MisconfiguredWait, 0.001, 3600), "Payments__MisconfiguredWait must be between 00:00:00.001 and 01:00:00.")
            .Validate(o => o.MaxConcurrency is >= 1 and <= 10_000, "Payments__MaxConcurrency must be between 1 and 10000 payments.")
            .Validate<IOptions<BankOptions>>((o, bank) => o.Lease >= bank.Value.Timeout * 2.5 && o.Lease <= TimeSpan.FromHours(1),
                "Payments__Lease must be at least 2.5 times Bank__Timeout, since the bank is asked and called in it, and at most 01:00:00.")
            .ValidateOnStart();
        builder.Services.AddOptions<BankOptions>().BindConfiguration(BankOptions.Section)
            .PostConfigure<IConfiguration>((bank, configuration) =>
                bank.Url ??= Uri.TryCreate(configuration["services:sandbox:http:0"], UriKind.Absolute, out var sandbox) ? sandbox : null)
            .Validate(o => o.Url is null || (o.Url.IsAbsoluteUri && o.Url.Scheme is "http" or "https"), "Bank__Url must be an absolute http or https URL.")
            .Validate(o => IsBetween(o.Timeout, 0.001, 300), "Bank__Timeout must be between 00:00:00.001 and 00:05:00.")
            .ValidateOnStart();
    }

    private static bool IsBetween(TimeSpan value, double seconds, double most) => value >= TimeSpan.FromSeconds(seconds) && value <= TimeSpan.FromSeconds(most);

    private static void AddBank(WebApplicationBuilder builder) => builder.Services
        .AddHttpClient<Bank>((services, http) =>
        {
            var bank = services.GetRequiredService<IOptions<BankOptions>>().Value;
            http.Timeout = bank.Timeout;
            http.BaseAddress = bank.Url is { } url ? new Uri(url.AbsoluteUri.TrimEnd('/') + "/") : null;
        })
        .ConfigurePrimaryHttpMessageHandler(ClientsFeature.OutboundHandler);
}
