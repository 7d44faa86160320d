namespace Sandbox.Bank;

/// <summary>How a request for a transfer is answered.</summary>
internal enum Answer
{
    /// <summary>202.</summary>
    Accepted,

    /// <summary>Never: the caller gives up some time.</summary>
    None,

    /// <summary>503, and nothing was done.</summary>
    Unavailable,

    /// <summary>422, for good.</summary>
    Refused,
}

/// <summary>Which callbacks tell of a transfer.</summary>
internal enum CallbackKind
{
    /// <summary>None: it is lost, and only asking helps.</summary>
    None,

    /// <summary>One.</summary>
    Once,

    /// <summary>Two at the same time, and a third after them.</summary>
    Thrice,

    /// <summary>One, and then one with the other result.</summary>
    Contradicted,
}

/// <summary>What becomes of a transfer that the bank carries out.</summary>
/// <param name="Delay">From the request until the result stands in the books.</param>
/// <param name="CallbackDelay">From then until the first callback.</param>
/// <param name="Refusal">Null: it succeeds. Else why it fails.</param>
/// <param name="Callbacks">Who is told.</param>
internal sealed record Course(TimeSpan Delay, TimeSpan CallbackDelay, Refusal? Refusal, CallbackKind Callbacks);

/// <summary>Why the bank does not want to.</summary>
/// <param name="Error">The code.</param>
/// <param name="Detail">One sentence.</param>
internal sealed record Refusal(string Error, string Detail)
{
    public static readonly Refusal ByPolicy = new("refused", "The bank refused the transfer.");
    public static readonly Refusal NoFunds = new("insufficient_funds", "The bank's own account does not have the funds for this withdrawal.");
}

/// <summary>All that will happen to a new transfer, drawn when it comes.</summary>
/// <param name="Answer">What the caller gets.</param>
/// <param name="Course">What the bank does; null: nothing.</param>
/// <param name="Refusal">Why, when it is refused at once.</param>
internal sealed record Fate(Answer Answer, Course? Course = null, Refusal? Refusal = null)
{
    /// <summary>A slow bank takes that many times as long.</summary>
    public const int Slowness = 10;

    /// <summary>Draws it. Every draw takes from the same chance, so one seed gives one sequence.</summary>
    public static Fate Of(Conduct conduct, bool isWithdrawal, Random random) => conduct.Behaviour switch
    {
        Behaviour.Down => new(Answer.Unavailable),
        Behaviour.Refuses => new(Answer.Refused, Refusal: Refusal.ByPolicy),
        Behaviour.LateCallback => Late(DelayOf(conduct, random)),
        Behaviour.Slow => Ordinary(conduct, DelayOf(conduct, random) * Slowness, CallbackKind.Once, isWithdrawal, random),
        Behaviour.DuplicateCallback => Ordinary(conduct, DelayOf(conduct, random), CallbackKind.Thrice, isWithdrawal, random),
        Behaviour.ContradictingCallback => Ordinary(conduct, DelayOf(conduct, random), CallbackKind.Contradicted, isWithdrawal, random),
        _ => Ordinary(conduct, DelayOf(conduct, random), CallbackKind.Once, isWithdrawal, random),
    };

    private static Fate Late(TimeSpan delay) => new(Answer.None, new(delay, delay * (Slowness - 1), null, CallbackKind.Once));

    private static Fate Ordinary(Conduct conduct, TimeSpan delay, CallbackKind callbacks, bool isWithdrawal, Random random)
    {
        if (random.NextDouble() < conduct.SuccessRate) return new(Answer.Accepted, new(delay, TimeSpan.Zero, null, callbacks));

        // The second draw: a time-out was carried out or not, a refusal is known at once or turns up later.
        var (kind, isFirstHalf) = (random.Next(isWithdrawal ? 4 : 3), random.Next(2) == 0);
        var refusal = kind == 3 ? Refusal.NoFunds : Refusal.ByPolicy;
        return kind switch
        {
            0 => new(Answer.None, isFirstHalf ? new(delay, TimeSpan.Zero, null, CallbackKind.None) : null),
            1 => new(Answer.Unavailable),
            _ when isFirstHalf => new(Answer.Refused, Refusal: refusal),
            _ => new(Answer.Accepted, new(delay, TimeSpan.Zero, refusal, callbacks)),
        };
    }

    private static TimeSpan DelayOf(Conduct conduct, Random random) => conduct.MinDelay + (conduct.MaxDelay - conduct.MinDelay) * random.NextDouble();
}
