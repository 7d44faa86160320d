using Faults.Invariants;
using Faults.Kinds;
using Faults.Load;
using Faults.Running;
using Support;

namespace Faults;

/// <summary>Does one step after the other to a system under load, and waits each time until it is well again by itself.</summary>
internal sealed class Matrix(RunningSystem system, Sender sender, HealthWatch health, OffsetWatch offsets, TimeProvider clock)
{
    public async Task<Window> RunAsync(Step step, CancellationToken stop)
    {
        var problems = new List<string>();
        await Task.Delay(step.Calm, clock, stop);

        var begun = clock.GetUtcNow();
        foreach (var fault in step.Faults)
        {
            if (fault != step.Faults[0]) await Task.Delay(step.Apart, clock, stop);
            await fault.BeginAsync(system, stop);
        }

        var allBegun = clock.GetUtcNow();
        var ends = await Task.WhenAll(step.Faults.Select(fault => EndAsync(fault, stop)));
        var ended = clock.GetUtcNow();
        await LookAtOffsetsAsync(problems, stop);
        try
        {
            await health.UntilWellAsync(() => sender.LastAccepted > ended, stop);
        }
        catch (TimeoutException exception)
        {
            problems.Add($"not well again by itself: {exception.Message}");
        }

        var recovered = clock.GetUtcNow();
        await LookAtOffsetsAsync(problems, stop);
        await LookAtOutboxAsync(problems, stop);
        return new Window(step, begun, allBegun, ends.Min(), ended, recovered) { Problems = problems };
    }

    /// <summary>One fault from its begin to its end.</summary>
    public static async Task DoAsync(RunningSystem system, Fault fault, CancellationToken stop)
    {
        await fault.BeginAsync(system, stop);
        await Task.Delay(fault.Lasts, system.Settings.Clock, stop);
        await fault.EndAsync(system, stop);
    }

    /// <summary>After the last webhook: every transaction has its outcome, every offset is committed, or time is up.</summary>
    public async Task SettleAsync(CancellationToken stop)
    {
        await Eventually.TrueAsync(
            token => system.AskAsync<bool>("SELECT NOT EXISTS (SELECT FROM transactions WHERE status = 'PROCESSING')", token), stop, Settings.Bound);
        await Eventually.TrueAsync(_ => Task.Run(offsets.IsAllCommitted), stop, TimeSpan.FromSeconds(90));
    }

    private async Task<DateTimeOffset> EndAsync(Fault fault, CancellationToken stop)
    {
        await Task.Delay(fault.Lasts, clock, stop);
        var over = clock.GetUtcNow();
        await fault.EndAsync(system, stop);
        return over;
    }

    private async Task LookAtOffsetsAsync(List<string> problems, CancellationToken stop)
    {
        if (await offsets.AheadAsync(stop) is { Count: > 0 } ahead)
            problems.Add($"offsets are committed past {ahead.Count} transactions without an outcome, such as {ahead[0]}");
    }

    private async Task LookAtOutboxAsync(List<string> problems, CancellationToken stop)
    {
        var missed = await system.AskAsync<long>(
            """
            SELECT count(*) FROM transactions t
            WHERE status = 'PROCESSING' AND NOT EXISTS (SELECT FROM transaction_outbox WHERE created_at = t.created_at AND look_at <= t.next_publish_at)
            """,
            stop);
        if (missed > 0) problems.Add($"{missed} transactions without an outcome are not in the outbox in time");
    }
}
