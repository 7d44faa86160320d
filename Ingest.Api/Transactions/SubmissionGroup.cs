global using Submission = ServiceDefaults.Batches.QueuedItem<Ingest.Api.Transactions.TransactionContent, Ingest.Api.Transactions.AcceptOutcome>;

namespace Ingest.Api.Transactions;

/// <summary>A webhook's content, validated.</summary>
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

    /// <summary>The database cannot answer. A row that was stored after all is found as a duplicate when the webhook is sent again.</summary>
    Unavailable,
}

/// <summary>The webhooks of one batch that have the same id: the first to arrive is inserted, the others are compared with what is stored.</summary>
internal sealed class SubmissionGroup
{
    private List<Submission>? _others;

    private SubmissionGroup(Submission first) => First = first;

    public Submission First { get; }

    public string Id => First.Item.TransactionId;

    /// <summary>
    /// Groups a batch, sorted by id: two batches that share ids then lock them in the same order and cannot deadlock.
    /// </summary>
    public static SubmissionGroup[] Of(IReadOnlyList<Submission> batch)
    {
        var groups = new Dictionary<string, SubmissionGroup>(batch.Count, StringComparer.Ordinal);
        foreach (var submission in batch)
        {
            if (groups.TryGetValue(submission.Item.TransactionId, out var group)) (group._others ??= []).Add(submission);
            else groups.Add(submission.Item.TransactionId, new SubmissionGroup(submission));
        }

        var sorted = groups.Values.ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Id, b.Id));
        return sorted;
    }

    public void Complete(AcceptOutcome outcome)
    {
        First.TrySetResult(outcome);
        if (_others is null) return;
        foreach (var other in _others) other.TrySetResult(outcome);
    }

    /// <summary>This batch has stored the first: it is accepted, the others are duplicates of it or conflict with it.</summary>
    public void CompleteInserted()
    {
        First.TrySetResult(AcceptOutcome.Accepted);
        if (_others is null) return;
        foreach (var other in _others) other.TrySetResult(Against(First.Item, other.Item));
    }

    /// <summary>The id was stored before. A row that is not found any more was deleted in between: the sender may try again.</summary>
    public void CompleteAgainst(TransactionContent? stored)
    {
        if (stored is null)
        {
            Complete(AcceptOutcome.Unavailable);
            return;
        }

        First.TrySetResult(Against(stored, First.Item));
        if (_others is null) return;
        foreach (var other in _others) other.TrySetResult(Against(stored, other.Item));
    }

    private static AcceptOutcome Against(TransactionContent stored, TransactionContent content) =>
        stored == content ? AcceptOutcome.Duplicate : AcceptOutcome.Conflict;
}
