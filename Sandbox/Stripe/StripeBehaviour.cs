using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sandbox.Requests;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Stripe;

/// <summary>Names of the behaviours; docs/sandbox-stripe.md describes each.</summary>
internal static class StripeBehaviourName
{
    public const string Normal = "normal";
    public const string Slow = "slow";
    public const string CommitThenHang = "commit_then_hang";
    public const string CommitThen500 = "commit_then_500";
    public const string CommitThenReplay500 = "commit_then_500_replayed";
    public const string CommitThenReset = "commit_then_reset";
    public const string RateLimited = "rate_limited";
    public const string BadGateway = "bad_gateway";
    public const string Down = "down";
    public const string LateSuccess = "late_success";

    /// <summary>Name -> what it does.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        [Normal] = "does what is asked; the card decides",
        [Slow] = "does it and answers after delay",
        [CommitThenHang] = "does it and never answers; the same key again is answered",
        [CommitThen500] = "does it and answers 500 once; the same key again gets the true answer",
        [CommitThenReplay500] = "does it and answers 500, and so to the same key again, as Stripe does",
        [CommitThenReset] = "does it and resets the connection; the same key again is answered",
        [RateLimited] = "does nothing and answers 429 with Retry-After: 1",
        [BadGateway] = "does nothing and answers 502 with an HTML page",
        [Down] = "does nothing and answers 503",
        [LateSuccess] = "answers processing (refunds: pending), and has the result after delay, of which a webhook tells",
    };
}

/// <summary>Of which results webhooks tell.</summary>
internal static class StripeWebhooks
{
    public const string All = "all", Late = "late";
}

/// <summary>How Stripe treats requests.</summary>
internal sealed record StripeBehaviour(
    [property: Description("What it does: one of those that GET / lists.")] string Behaviour,
    [property: Description("How long slow answers and late results take, hh:mm:ss.")] TimeSpan Delay,
    [property: Description("The part of the requests that it is done to, 0 to 1; the others are treated as normal.")] double Share,
    [property: Description("all: a webhook tells of every result. late: only of those that were not in an answer.")] string Webhooks)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    /// <summary>Whether it refuses requests unread, whatever they ask.</summary>
    [JsonIgnore]
    public bool RefusesAll => Behaviour is StripeBehaviourName.RateLimited or StripeBehaviourName.BadGateway or StripeBehaviourName.Down;

    /// <summary>What is invalid: the JSON member and what is allowed.</summary>
    public IEnumerable<(string Field, string Message)> Faults()
    {
        if (!StripeBehaviourName.All.ContainsKey(Behaviour)) yield return ("behaviour", $"must be one of {string.Join(", ", StripeBehaviourName.All.Keys)}.");
        if (Delay < TimeSpan.Zero || Delay > LongestDelay) yield return ("delay", "must be between 00:00:00 and 01:00:00, such as 00:00:03.");
        if (!(Share is >= 0 and <= 1)) yield return ("share", "must be between 0 and 1, such as 0.5.");
        if (Webhooks is not (StripeWebhooks.All or StripeWebhooks.Late)) yield return ("webhooks", "must be all or late.");
    }
}

/// <summary><c>GET</c> and <c>PUT /stripe/behaviour</c>: how Stripe treats requests.</summary>
internal static partial class StripeBehaviourEndpoints
{
    public static void MapStripeBehaviour(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/stripe/behaviour", (CurrentBehaviour<StripeBehaviour> behaviour) => TypedResults.Json(behaviour.Now, StripeJson.Wire.StripeBehaviour))
            .WithName("GetStripeBehaviour").WithTags("Stripe").WithSummary("How Stripe behaves now")
            .Produces<StripeBehaviour>().Answers(StatusCodes.Status200OK, "This is it.");
        routes.MapPut("/stripe/behaviour", PutAsync)
            .WithName("SetStripeBehaviour").WithTags("Stripe").WithSummary("Tells Stripe how to behave")
            .WithDescription("Members that are left out stay as they are. Requests under way and results to come stay as they were.")
            .Accepts<StripeBehaviourChange>("application/json")
            .WithRequestExample("""{"behaviour":"late_success","delay":"00:00:03","share":0.5,"webhooks":"late"}""")
            .Produces<StripeBehaviour>().Answers(StatusCodes.Status200OK, "How it behaves from now on.")
            .Fails(StatusCodes.Status400BadRequest, "The body cannot be read, or has an unknown member.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A member is not acceptable; errors names each.");
    }

    private static async Task<Results<JsonHttpResult<StripeBehaviour>, Problem>> PutAsync(
        HttpRequest http, CurrentBehaviour<StripeBehaviour> behaviour, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var (change, problem) = await JsonBody.ReadAsync(http, StripeJson.Wire.StripeBehaviourChange, cancellationToken);
        if (change is null) return problem!;
        var next = change.To(behaviour.Now);
        var faults = next.Faults().ToDictionary(fault => fault.Field, fault => new[] { fault.Message });
        if (faults.Count > 0) return Problem.Invalid(faults);

        behaviour.Now = next;
        Changed(loggers.CreateLogger("Sandbox.Stripe.Behaviour"), next.Behaviour, next.Share, next.Delay, next.Webhooks);
        return TypedResults.Json(next, StripeJson.Wire.StripeBehaviour);
    }

    [LoggerMessage(20, LogLevel.Information, "Stripe from now on: {Behaviour} for a part of {Share}, with a delay of {Delay}; webhooks: {Webhooks}")]
    private static partial void Changed(ILogger logger, string behaviour, double share, TimeSpan delay, string webhooks);
}

/// <summary>The body of <c>PUT /stripe/behaviour</c>. A member with a typing error would change nothing, so unknown ones are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record StripeBehaviourChange(
    [property: Description("One of those that GET / lists.")] string? Behaviour = null,
    [property: Description("How long slow answers and late results take, hh:mm:ss.")] TimeSpan? Delay = null,
    [property: Description("The part of the requests that it is done to, 0 to 1.")] double? Share = null,
    [property: Description("all or late.")] string? Webhooks = null)
{
    public StripeBehaviour To(StripeBehaviour now) => new(Behaviour ?? now.Behaviour, Delay ?? now.Delay, Share ?? now.Share, Webhooks ?? now.Webhooks);
}
