namespace Sandbox.Bank;

/// <summary>How a request for a transfer is answered.</summary>
internal enum Answer
{
    /// <summary>202.</summary>
    Accepted,

    /// <summary>No response; the caller times out.</summary>
    None,

    /// <summary>503, and nothing was done.</summary>
    Unavailable,

    /// <summary>422; a repetition gets the same.</summary>
    Refused,
}

/// <summary>Which callbacks a transfer causes.</summary>
internal enum CallbackKind
{
    /// <summary>None; the result can only be asked for.</summary>
    None,

    /// <summary>One.</summary>
    Once,

    /// <summary>Two at the same time, and a third after them.</summary>
    Thrice,

    /// <summary>One, and then one with the other result.</summary>
    Contradicted,
}

/// <summary>What the bank does with a transfer that it accepts.</summary>
/// <param name="Delay">From the request to the result.</param>
/// <param name="CallbackDelay">From the result to the first callback.</param>
/// <param name="Refusal">Why the transfer fails; null when it succeeds.</param>
/// <param name="Callbacks">The callbacks that report the result.</param>
internal sealed record Execution(TimeSpan Delay, TimeSpan CallbackDelay, Refusal? Refusal, CallbackKind Callbacks);

/// <summary>Why the bank refuses a transfer.</summary>
/// <param name="Error">The code.</param>
/// <param name="Detail">One sentence.</param>
internal sealed record Refusal(string Error, string Detail)
{
    public static readonly Refusal ByPolicy = new("refused", "The bank refused the transfer.");
    public static readonly Refusal NoFunds = new("insufficient_funds", "The bank's own account does not have the funds for this withdrawal.");
}

/// <summary>What will happen to a new transfer, decided at random when it arrives.</summary>
/// <param name="Answer">The response to the request.</param>
/// <param name="Execution">What the bank does; null for nothing.</param>
/// <param name="Refusal">Why, when the request itself is refused.</param>
internal sealed record TransferPlan(Answer Answer, Execution? Execution = null, Refusal? Refusal = null)
{
    /// <summary>The factor by which a slow bank is slower.</summary>
    public const int Slowness = 10;

    /// <summary>Decides it. All decisions use one source of random numbers, so one seed gives one sequence.</summary>
    public static TransferPlan Of(BankBehaviour behaviour, bool isWithdrawal, Random random) => behaviour.Behaviour switch
    {
        BehaviourName.Down => new(Answer.Unavailable),
        BehaviourName.Refuses => new(Answer.Refused, Refusal: Refusal.ByPolicy),
        BehaviourName.LateCallback => Late(DelayOf(behaviour, random)),
        BehaviourName.Slow => Ordinary(behaviour, DelayOf(behaviour, random) * Slowness, CallbackKind.Once, isWithdrawal, random),
        BehaviourName.DuplicateCallback => Ordinary(behaviour, DelayOf(behaviour, random), CallbackKind.Thrice, isWithdrawal, random),
        BehaviourName.ContradictingCallback => Ordinary(behaviour, DelayOf(behaviour, random), CallbackKind.Contradicted, isWithdrawal, random),
        _ => Ordinary(behaviour, DelayOf(behaviour, random), CallbackKind.Once, isWithdrawal, random),
    };

    private static TransferPlan Late(TimeSpan delay) => new(Answer.None, new(delay, delay * (Slowness - 1), null, CallbackKind.Once));

    private static TransferPlan Ordinary(BankBehaviour behaviour, TimeSpan delay, CallbackKind callbacks, bool isWithdrawal, Random random)
    {
        if (random.NextDouble() < behaviour.SuccessRate) return new(Answer.Accepted, new(delay, TimeSpan.Zero, null, callbacks));

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

    private static TimeSpan DelayOf(BankBehaviour behaviour, Random random) =>
        behaviour.MinDelay + (behaviour.MaxDelay - behaviour.MinDelay) * random.NextDouble();
}
