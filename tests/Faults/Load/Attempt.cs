namespace Faults.Load;

/// <summary>What a webhook is to the system, as far as its sender knows.</summary>
internal enum Kind
{
    /// <summary>An id never sent before.</summary>
    New,

    /// <summary>An earlier attempt again, whatever its answer was: how a sender behaves that got none.</summary>
    Duplicate,

    /// <summary>An earlier id with another amount.</summary>
    Conflict,
}

/// <summary>One POST and its answer.</summary>
internal sealed class Attempt(string id, Kind kind, decimal amount, DateTimeOffset sentAt)
{
    public string Id { get; } = id;

    public Kind Kind { get; } = kind;

    public decimal Amount { get; } = amount;

    public DateTimeOffset SentAt { get; } = sentAt;

    /// <summary>0: no answer (refused, cut off, timed out).</summary>
    public int Status { get; private set; }

    public DateTimeOffset AnsweredAt { get; private set; }

    /// <summary>A 202 that says the row was there before.</summary>
    public bool SaysDuplicate { get; private set; }

    /// <summary>A 503 that says when to come again.</summary>
    public bool SaysWhen { get; private set; }

    public bool IsAccepted => Status == 202;

    public void Unanswered(DateTimeOffset at) => AnsweredAt = at;

    public void Answered(int status, bool saysDuplicate, bool saysWhen, DateTimeOffset at)
    {
        (SaysDuplicate, SaysWhen, AnsweredAt) = (saysDuplicate, saysWhen, at);
        Status = status;
    }
}
