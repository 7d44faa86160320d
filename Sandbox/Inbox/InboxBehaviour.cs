using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Sandbox.Inbox;

/// <summary>Names of the behaviours; docs/sandbox.md describes each.</summary>
internal static class InboxBehaviourName
{
    public const string Normal = "normal";
    public const string Slow = "slow";
    public const string Fail = "fail";
    public const string Gone = "gone";
    public const string TooMany = "too_many";
    public const string Unavailable = "unavailable";
    public const string Huge = "huge";
    public const string Drip = "drip";
    public const string Close = "close";
    public const string Redirect = "redirect";
    public const string Disable = "disable";

    /// <summary>Name -> what it does.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        [Normal] = "answers 200",
        [Slow] = "answers 200 after delay",
        [Fail] = "answers status, which is 500 unless said",
        [Gone] = "answers 410: the endpoint is to be disabled",
        [TooMany] = "answers 429 with Retry-After: retry_after",
        [Unavailable] = "answers 503 with Retry-After: retry_after",
        [Huge] = "answers 200 with a body of 1 GiB",
        [Drip] = "answers 200 with a body of which one byte comes a second, for an hour",
        [Close] = "resets the connection without an answer",
        [Redirect] = "answers 302 to /sandbox/inbox/elsewhere, where nothing should arrive",
        [Disable] = "answers 200 with webhook-delivery: disable",
    };
}

/// <summary>How an inbox answers deliveries. It keeps each of them, whatever it answers.</summary>
internal sealed record InboxBehaviour(
    [property: Description("What it does: one of those that GET / lists.")] string Behaviour,
    [property: Description("The HTTP status of fail, 300 to 599.")] int Status,
    [property: Description("How long slow answers take, hh:mm:ss, at most an hour.")] TimeSpan Delay,
    [property: Description("The Retry-After of too_many and unavailable, in seconds, at most a day.")] int RetryAfter,
    [property: Description("The part of the deliveries that it is done to, 0 to 1; the others are treated as normal.")] double Share,
    [property: Description("How many more deliveries it is done to, after which it is normal; null: without an end.")] int? Times)
{
    private const int MinStatus = 300, MaxStatus = 599, MaxRetryAfter = 24 * 60 * 60, MaxTimes = 1_000_000;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    /// <summary>The HTTP status that a delivery it is done to is answered with; null: none.</summary>
    [JsonIgnore]
    public int? ResponseStatus => Behaviour switch
    {
        InboxBehaviourName.Fail => Status,
        InboxBehaviourName.Gone => StatusCodes.Status410Gone,
        InboxBehaviourName.TooMany => StatusCodes.Status429TooManyRequests,
        InboxBehaviourName.Unavailable => StatusCodes.Status503ServiceUnavailable,
        InboxBehaviourName.Redirect => StatusCodes.Status302Found,
        InboxBehaviourName.Close => null,
        _ => StatusCodes.Status200OK,
    };

    /// <summary>What is invalid: the JSON member and what is allowed.</summary>
    public IEnumerable<(string Field, string Message)> Faults()
    {
        if (!InboxBehaviourName.All.ContainsKey(Behaviour)) yield return ("behaviour", $"must be one of {string.Join(", ", InboxBehaviourName.All.Keys)}.");
        if (Status is < MinStatus or > MaxStatus) yield return ("status", $"must be between {MinStatus} and {MaxStatus}, such as 500: others would not fail.");
        if (Delay < TimeSpan.Zero || Delay > LongestDelay) yield return ("delay", "must be between 00:00:00 and 01:00:00, such as 00:00:05.");
        if (RetryAfter is < 0 or > MaxRetryAfter) yield return ("retry_after", $"must be between 0 and {MaxRetryAfter} seconds, such as 30.");
        if (!(Share is >= 0 and <= 1)) yield return ("share", "must be between 0 and 1, such as 0.5.");
        if (Times is < 1 or > MaxTimes) yield return ("times", $"must be between 1 and {MaxTimes} deliveries, such as 3; without it the behaviour has no end.");
        else if (Times is not null && Behaviour == InboxBehaviourName.Normal)
            yield return ("times", "needs a behaviour that ends after so many deliveries; normal has no end.");
    }

    /// <summary>After a delivery that it was done to.</summary>
    public InboxBehaviour Done() => Times switch
    {
        null => this,
        1 => this with { Behaviour = InboxBehaviourName.Normal, Times = null },
        _ => this with { Times = Times - 1 },
    };
}

/// <summary>The body of <c>PUT /sandbox/inbox/{name}/behaviour</c>. A member with a typing error would change nothing, so unknown ones are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record InboxBehaviourChange(
    [property: Description("One of those that GET / lists.")] string? Behaviour = null,
    [property: Description("The HTTP status of fail, 300 to 599.")] int? Status = null,
    [property: Description("How long slow answers take, hh:mm:ss.")] TimeSpan? Delay = null,
    [property: Description("The Retry-After of too_many and unavailable, in seconds.")] int? RetryAfter = null,
    [property: Description("The part of the deliveries that it is done to, 0 to 1.")] double? Share = null,
    [property: Description("How many deliveries it is done to. It belongs to a behaviour: one that is named without it has no end.")] int? Times = null)
{
    public InboxBehaviour To(InboxBehaviour now) => new(
        Behaviour ?? now.Behaviour, Status ?? now.Status, Delay ?? now.Delay, RetryAfter ?? now.RetryAfter, Share ?? now.Share,
        Times ?? (Behaviour is null ? now.Times : null));
}
