using System.Diagnostics;

namespace Ingest.Api.Transactions;

/// <summary>What a sender told us, validated.</summary>
internal sealed record TransactionContent(string TransactionId, string SourceAccount, string DestinationAccount, decimal Amount, string Currency);

/// <summary>What became of a webhook.</summary>
internal enum AcceptOutcome
{
    /// <summary>Its row is committed.</summary>
    Accepted,

    /// <summary>The same id with the same content was committed before.</summary>
    Duplicate,

    /// <summary>The same id with other content was committed before; that stays.</summary>
    Conflict,

    /// <summary>The database refuses this row, and this row alone.</summary>
    Rejected,

    /// <summary>The database cannot be reached. As far as can be told nothing was stored; a row that was is found again as a duplicate.</summary>
    Unavailable,
}

/// <summary>A webhook on its way to its commit; its sender waits on <see cref="Outcome"/>.</summary>
internal sealed class Submission(TransactionContent content, ActivityContext trace)
{
    private readonly TaskCompletionSource<AcceptOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TransactionContent Content { get; } = content;

    /// <summary>The request's place in its trace; default when nobody traces it.</summary>
    public ActivityContext Trace { get; } = trace;

    public Task<AcceptOutcome> Outcome => _outcome.Task;

    /// <summary>The W3C form of <see cref="Trace"/>, or null.</summary>
    public string? TraceParent => Trace == default
        ? null
        : $"00-{Trace.TraceId.ToHexString()}-{Trace.SpanId.ToHexString()}-{((Trace.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? "01" : "00")}";

    public void Complete(AcceptOutcome outcome) => _outcome.TrySetResult(outcome);
}
