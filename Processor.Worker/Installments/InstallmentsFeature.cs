using Microsoft.Extensions.Options;
using Processor.Worker.Work;

namespace Processor.Worker.Installments;

/// <summary>Installments that fall due: work that is found by polling (<see cref="PollWork{TClaimed}"/>).</summary>
internal static class InstallmentsFeature
{
    public static void AddInstallments(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<InstallmentOptions>().BindConfiguration(InstallmentOptions.Section)
            .Validate(o => IsBetween(o.PollInterval, 0.001, 3600), "Installments__PollInterval must be between 00:00:00.001 and 01:00:00.")
            .Validate(o => IsBetween(o.Lease, 1, 3600), "Installments__Lease must be between 00:00:01 and 01:00:00.")
            .Validate(o => o.MaxConcurrency is >= 1 and <= 1_000, "Installments__MaxConcurrency must be between 1 and 1000 installments.")
            .ValidateOnStart();
        builder.Services.AddSingleton<InstallmentMetrics>();
        builder.Services.AddSingleton<ClaimInstallments>();
        builder.Services.AddSingleton<ChargeDueInstallment>();
        builder.Services.AddSingleton(Rules);
        builder.Services.AddHostedService<PollWork<ClaimedInstallment>>();
    }

    private static PollRules<ClaimedInstallment> Rules(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<InstallmentOptions>>().Value;
        var (claim, charge) = (services.GetRequiredService<ClaimInstallments>(), services.GetRequiredService<ChargeDueInstallment>());
        return new(
            "installments", options.PollInterval, options.MaxConcurrency, options.Lease, claim.RunAsync, claimed => claimed.Id.ToString(), charge.RunAsync);
    }

    private static bool IsBetween(TimeSpan value, double seconds, double most) => value >= TimeSpan.FromSeconds(seconds) && value <= TimeSpan.FromSeconds(most);
}

/// <summary>How installments that fall due are charged. Section <c>Installments</c>.</summary>
internal sealed class InstallmentOptions
{
    public const string Section = "Installments";

    /// <summary>Between two looks for installments that are due, when the last one found less than there was room for.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a worker's claim of an installment lasts: the time for its transaction, after which another worker may claim it.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Installments that one worker charges at a time. Each has a database connection and locks a wallet; orders of a thousand customers that fall due in one
    /// midnight take seconds with 8.
    /// </summary>
    public int MaxConcurrency { get; set; } = 8;
}
