namespace Ingest.Api.Transactions;

/// <summary>The webhooks of one batch that have the same id: the first to arrive is inserted, the others are compared with what is stored.</summary>
internal sealed class SubmissionGroup
{
    private List<Submission>? _others;

    private SubmissionGroup(Submission first) => First = first;

    public Submission First { get; }

    public string Id => First.Content.TransactionId;

    /// <summary>
    /// Groups a batch, sorted by id: two batches that share ids then lock them in the same order, and cannot wait for each other in a
    /// circle.
    /// </summary>
    public static SubmissionGroup[] Of(List<Submission> batch)
    {
        var groups = new Dictionary<string, SubmissionGroup>(batch.Count, StringComparer.Ordinal);
        foreach (var submission in batch)
        {
            if (groups.TryGetValue(submission.Content.TransactionId, out var group)) (group._others ??= []).Add(submission);
            else groups.Add(submission.Content.TransactionId, new SubmissionGroup(submission));
        }

        var sorted = groups.Values.ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Id, b.Id));
        return sorted;
    }

    public void Complete(AcceptOutcome outcome)
    {
        First.Complete(outcome);
        if (_others is null) return;
        foreach (var other in _others) other.Complete(outcome);
    }

    /// <summary>The first was stored by this batch: it is accepted, the others are duplicates of it or in conflict with it.</summary>
    public void CompleteInserted()
    {
        First.Complete(AcceptOutcome.Accepted);
        if (_others is null) return;
        foreach (var other in _others) other.Complete(Against(First.Content, other.Content));
    }

    /// <summary>The id was stored before. A row that is not found any more was deleted in between: the sender may try again.</summary>
    public void CompleteAgainst(TransactionContent? stored)
    {
        if (stored is null)
        {
            Complete(AcceptOutcome.Unavailable);
            return;
        }

        First.Complete(Against(stored, First.Content));
        if (_others is null) return;
        foreach (var other in _others) other.Complete(Against(stored, other.Content));
    }

    private static AcceptOutcome Against(TransactionContent stored, TransactionContent content) =>
        stored == content ? AcceptOutcome.Duplicate : AcceptOutcome.Conflict;
}
