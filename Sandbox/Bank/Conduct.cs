using System.ComponentModel;

namespace Sandbox.Bank;

/// <summary>What the bank can be told to do. docs/sandbox.md has a paragraph on each.</summary>
internal static class Behaviour
{
    public const string Normal = "normal";
    public const string Slow = "slow";
    public const string DuplicateCallback = "duplicate_callback";
    public const string LateCallback = "late_callback";
    public const string ContradictingCallback = "contradicting_callback";
    public const string Refuses = "refuses";
    public const string Down = "down";

    /// <summary>Name -> what it does.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        [Normal] = "success_rate of the transfers succeed; the others are not answered, unavailable (503), refused or short of funds",
        [Slow] = "as normal, but everything takes ten times as long",
        [DuplicateCallback] = "as normal, but every callback comes three times",
        [LateCallback] = "no transfer is answered, all are carried out, and the callbacks come ten times as late",
        [ContradictingCallback] = "as normal, but every callback is followed by one with the other result",
        [Refuses] = "every new transfer is refused (422)",
        [Down] = "everything below /transfers is answered 503; what was taken on before goes on",
    };
}

/// <summary>How the bank behaves towards transfers that come now.</summary>
internal sealed record Conduct(
    [property: Description("What it does: one of those that GET / lists.")] string Behaviour,
    [property: Description("The part of the transfers that succeeds, 0 to 1.")] double SuccessRate,
    [property: Description("The shortest time that a transfer takes, hh:mm:ss.")] TimeSpan MinDelay,
    [property: Description("The longest.")] TimeSpan MaxDelay)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    /// <summary>What cannot be meant: the field, as in JSON, and what is allowed.</summary>
    public IEnumerable<(string Field, string Message)> Faults()
    {
        if (!Bank.Behaviour.All.ContainsKey(Behaviour)) yield return ("behaviour", $"must be one of {string.Join(", ", Bank.Behaviour.All.Keys)}.");
        if (!(SuccessRate is >= 0 and <= 1)) yield return ("success_rate", "must be between 0 and 1, such as 0.9.");
        if (MinDelay < TimeSpan.Zero || MinDelay > MaxDelay) yield return ("min_delay", "must be between 00:00:00 and the longest delay, such as 00:00:02.");
        if (MaxDelay > LongestDelay) yield return ("max_delay", "must be at most 01:00:00, such as 00:00:10.");
    }
}

/// <summary>The conduct of the moment, which a person changes while the bank runs.</summary>
internal sealed class CurrentConduct(Conduct first)
{
    private Conduct _now = first;

    public Conduct Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }
}
