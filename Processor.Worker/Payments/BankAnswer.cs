using Data.Payments;

namespace Processor.Worker.Payments;

/// <summary>What is known about a payment after the bank was called or asked.</summary>
internal abstract record BankAnswer
{
    private BankAnswer()
    {
    }

    /// <summary>It is done, or it has failed there. Final.</summary>
    internal sealed record Settled(BankResult Result) : BankAnswer;

    /// <summary>The bank has it and calls back.</summary>
    internal sealed record Taken(string? BankReference) : BankAnswer;

    /// <summary>The bank has never had it.</summary>
    internal sealed record NeverSeen : BankAnswer;

    /// <summary>The bank certainly did not take it this time: no connection, or it said that it is unavailable.</summary>
    internal sealed record NotTaken(string Reason) : BankAnswer;

    /// <summary>No answer, or none that says: whether the bank has it is not known.</summary>
    internal sealed record Silent(string Reason) : BankAnswer;
}
