using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Faults.Running;
using Microsoft.Extensions.DependencyInjection;

namespace Faults.Invariants;

/// <summary>A step of claimed work that a worker dropped, because its claim had ended.</summary>
/// <param name="Kind">What was claimed: Payment, charge, refund or Installment, as the worker's log has it.</param>
/// <param name="Id">Its id.</param>
/// <param name="Claim">The number of the claim.</param>
/// <param name="Step">The step.</param>
internal sealed record DroppedStep(string Kind, string Id, long Claim, string Step);

/// <summary>What the workers say of steps that they dropped: the log alone tells of a write that was refused.</summary>
internal sealed partial class DroppedSteps
{
    private readonly ConcurrentQueue<DroppedStep> _all = new();

    /// <summary>Those of payments.</summary>
    public IEnumerable<DroppedStep> Payments => _all.Where(dropped => dropped.Kind == "Payment");

    /// <summary>Listens to the system's own worker from now on.</summary>
    public static DroppedSteps Of(RunningSystem system, CancellationToken stop)
    {
        var steps = new DroppedSteps();
        _ = steps.FollowAsync(system, stop);
        return steps;
    }

    /// <summary>A line of a worker.</summary>
    public void Hear(string line)
    {
        if (Dropped().Match(line) is { Success: true } match)
        {
            var claim = long.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture);
            _all.Enqueue(new(match.Groups[1].Value, match.Groups[2].Value, claim, match.Groups[4].Value));
        }
    }

    /// <summary>How many of which step.</summary>
    public override string ToString() => _all.IsEmpty ? "none" : string.Join(
        ", ", _all.GroupBy(dropped => $"{dropped.Kind}'s {dropped.Step}").Select(steps => $"{steps.Count()} x {steps.Key}"));

    // By CarryOutPayment, AskStripe and ChargeDueInstallment.
    [GeneratedRegex(@"(Payment|charge|refund|Installment) (\S+): claim (\d+) ended before its (\w+), which is dropped")]
    private static partial Regex Dropped();

    private async Task FollowAsync(RunningSystem system, CancellationToken stop)
    {
        var services = system.App.Services;
        var worker = services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == RunningSystem.Worker);
        try
        {
            await foreach (var lines in services.GetRequiredService<ResourceLoggerService>().WatchAsync(worker).WithCancellation(stop))
                foreach (var line in lines) Hear(line.Content);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Enough heard.
        }
    }
}
