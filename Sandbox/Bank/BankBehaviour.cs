using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sandbox.Requests;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Bank;

/// <summary>Names of the behaviours; docs/sandbox.md describes each.</summary>
internal static class BehaviourName
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

/// <summary>How the bank treats new transfers.</summary>
internal sealed record BankBehaviour(
    [property: Description("What it does: one of those that GET / lists.")] string Behaviour,
    [property: Description("The part of the transfers that succeeds, 0 to 1.")] double SuccessRate,
    [property: Description("The shortest time that a transfer takes, hh:mm:ss.")] TimeSpan MinDelay,
    [property: Description("The longest.")] TimeSpan MaxDelay)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    /// <summary>What is invalid: the JSON member and what is allowed.</summary>
    public IEnumerable<(string Field, string Message)> Faults()
    {
        if (!Bank.BehaviourName.All.ContainsKey(Behaviour)) yield return ("behaviour", $"must be one of {string.Join(", ", Bank.BehaviourName.All.Keys)}.");
        if (!(SuccessRate is >= 0 and <= 1)) yield return ("success_rate", "must be between 0 and 1, such as 0.9.");
        if (MinDelay < TimeSpan.Zero || MinDelay > MaxDelay) yield return ("min_delay", "must be between 00:00:00 and the longest delay, such as 00:00:02.");
        if (MaxDelay > LongestDelay) yield return ("max_delay", "must be at most 01:00:00, such as 00:00:10.");
    }
}

/// <summary><c>GET</c> and <c>PUT /behaviour</c>: how the bank treats new transfers.</summary>
internal static partial class BehaviourEndpoints
{
    public static void MapBehaviour(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/behaviour", (CurrentBehaviour<BankBehaviour> behaviour) => TypedResults.Json(behaviour.Now, BankJson.Default.BankBehaviour))
            .WithName("GetBehaviour").WithTags("Behaviour").WithSummary("How the bank behaves now")
            .Produces<BankBehaviour>().Answers(StatusCodes.Status200OK, "This is it.");
        routes.MapPut("/behaviour", PutAsync)
            .WithName("SetBehaviour").WithTags("Behaviour").WithSummary("Tells the bank how to behave")
            .WithDescription("Members that are left out stay as they are. Transfers that were taken on before go on as they were.")
            .Accepts<BehaviourChange>("application/json")
            .WithRequestExample("""{"behaviour":"duplicate_callback","success_rate":1,"min_delay":"00:00:01","max_delay":"00:00:02"}""")
            .Produces<BankBehaviour>().Answers(StatusCodes.Status200OK, "How it behaves from now on.")
            .Fails(StatusCodes.Status400BadRequest, "The body cannot be read, or has an unknown member.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A member is not acceptable; errors names each.");
    }

    private static async Task<Results<JsonHttpResult<BankBehaviour>, Problem>> PutAsync(
        HttpRequest http, CurrentBehaviour<BankBehaviour> behaviour, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var (change, problem) = await JsonBody.ReadAsync(http, BankJson.Default.BehaviourChange, cancellationToken);
        if (change is null) return problem!;
        var next = change.To(behaviour.Now);
        var faults = next.Faults().ToDictionary(fault => fault.Field, fault => new[] { fault.Message });
        if (faults.Count > 0) return Problem.Invalid(faults);

        behaviour.Now = next;
        Changed(loggers.CreateLogger("Sandbox.Bank.Behaviour"), next.Behaviour, next.SuccessRate, next.MinDelay, next.MaxDelay);
        return TypedResults.Json(next, BankJson.Default.BankBehaviour);
    }

    [LoggerMessage(2, LogLevel.Information, "From now on {Behaviour}: a part of {SuccessRate} succeeds, transfers take {MinDelay} to {MaxDelay}")]
    private static partial void Changed(ILogger logger, string behaviour, double successRate, TimeSpan minDelay, TimeSpan maxDelay);
}

/// <summary>The body of <c>PUT /behaviour</c>. A member with a typing error would change nothing, so unknown ones are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BehaviourChange(
    [property: Description("One of those that GET / lists.")] string? Behaviour = null,
    [property: Description("The part of the transfers that succeeds, 0 to 1.")] double? SuccessRate = null,
    [property: Description("The shortest time that a transfer takes, hh:mm:ss.")] TimeSpan? MinDelay = null,
    [property: Description("The longest.")] TimeSpan? MaxDelay = null)
{
    public BankBehaviour To(BankBehaviour now) =>
        new(Behaviour ?? now.Behaviour, SuccessRate ?? now.SuccessRate, MinDelay ?? now.MinDelay, MaxDelay ?? now.MaxDelay);
}
