using Faults.Kinds;

namespace Faults.Invariants;

/// <summary>A step of the matrix as it went.</summary>
/// <param name="Step">What was done.</param>
/// <param name="Begun">The first fault began.</param>
/// <param name="AllBegun">All of them had.</param>
/// <param name="FirstEnded">The first of them was over.</param>
/// <param name="Ended">All of them were.</param>
/// <param name="Recovered">Every service ready, every partition owned, webhooks accepted.</param>
internal sealed record Window(
    Step Step, DateTimeOffset Begun, DateTimeOffset AllBegun, DateTimeOffset FirstEnded, DateTimeOffset Ended, DateTimeOffset Recovered)
{
    /// <summary>What was wrong with this step itself; empty: nothing.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    public bool MayRepeatCalls => Step.Faults.Any(fault => fault.MayRepeatCalls);
}

/// <summary>What a window has come to, by the transactions that were first sent in it or in the calm before it.</summary>
internal sealed record Counts
{
    public int Sent { get; set; }

    public int Accepted { get; set; }

    /// <summary>409: the id was there with another amount.</summary>
    public int Conflicts { get; set; }

    /// <summary>503 with Retry-After.</summary>
    public int Refused { get; set; }

    public int Unanswered { get; set; }

    /// <summary>A 202 without a row of its content.</summary>
    public int Lost { get; set; }

    /// <summary>Processed twice without a worker's death to excuse it, or accepted as new twice.</summary>
    public int Doubled { get; set; }

    /// <summary>Processing__Url called twice, a worker having been cut off between the call and its record.</summary>
    public int CalledTwice { get; set; }

    /// <summary>The longest time without a 202, from the begin to recovery.</summary>
    public TimeSpan Outage { get; set; }

    /// <summary>When that began, after the begin.</summary>
    public TimeSpan OutageAt { get; set; }

    /// <summary>The longest time without a 200 for a read.</summary>
    public TimeSpan ReadOutage { get; set; }

    /// <summary>The latest outcome, after its time.</summary>
    public TimeSpan Latest { get; set; }
}
