using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Faults.Running;
using Microsoft.Extensions.DependencyInjection;

namespace Faults.Invariants;

/// <summary>A step of a payment that a worker dropped, because its claim had ended.</summary>
internal sealed record DroppedStep(long Payment, long Claim, string Step);

/// <summary>What the workers say of steps that they dropped: the log alone tells of a write that was refused.</summary>
internal sealed partial class DroppedSteps
{
    private readonly ConcurrentQueue<DroppedStep> _all = new();

    public IReadOnlyCollection<DroppedStep> All => _all;

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
            _all.Enqueue(new(Number(match.Groups[1]), Number(match.Groups[2]), match.Groups[3].Value));
    }

    /// <summary>How many of which step.</summary>
    public override string ToString() => string.Join(", ", _all.GroupBy(dropped => dropped.Step).Select(steps => $"{steps.Count()} x {steps.Key}"));

    // By CarryOutPayment.
    [GeneratedRegex(@"Payment (\d+): claim (\d+) ended before its (\w+), which is dropped")]
    private static partial Regex Dropped();

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

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
