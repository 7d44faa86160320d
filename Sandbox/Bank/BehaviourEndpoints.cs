using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Bank;

/// <summary><c>GET</c> and <c>PUT /behaviour</c>: how the bank treats the transfers that come from now on.</summary>
internal static partial class BehaviourEndpoints
{
    public static void MapBehaviour(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/behaviour", (CurrentConduct conduct) => TypedResults.Json(conduct.Now, BankJson.Default.Conduct))
            .WithName("GetBehaviour").WithTags("Behaviour").WithSummary("How the bank behaves now")
            .Produces<Conduct>().Answers(StatusCodes.Status200OK, "This is it.");
        routes.MapPut("/behaviour", PutAsync)
            .WithName("SetBehaviour").WithTags("Behaviour").WithSummary("Tells the bank how to behave")
            .WithDescription("Members that are left out stay as they are. Transfers that were taken on before go on as they were.")
            .Accepts<ConductChange>("application/json").WithRequestExample("""{"behaviour":"duplicate_callback","success_rate":1,"min_delay":"00:00:01","max_delay":"00:00:02"}""")
            .Produces<Conduct>().Answers(StatusCodes.Status200OK, "How it behaves from now on.")
            .Fails(StatusCodes.Status400BadRequest, "The body cannot be read, or has an unknown member.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A member is not acceptable; errors names each.");
    }

    private static async Task<Results<JsonHttpResult<Conduct>, Problem>> PutAsync(
        HttpRequest http, CurrentConduct conduct, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var (change, problem) = await JsonBody.ReadAsync(http, BankJson.Default.ConductChange, cancellationToken);
        if (change is null) return problem!;
        var next = change.To(conduct.Now);
        var faults = next.Faults().ToDictionary(fault => fault.Field, fault => new[] { fault.Message });
        if (faults.Count > 0) return Problem.Invalid(faults);

        conduct.Now = next;
        Changed(loggers.CreateLogger("Sandbox.Bank.Behaviour"), next);
        return TypedResults.Json(next, BankJson.Default.Conduct);
    }

    [LoggerMessage(2, LogLevel.Information, "From now on: {Conduct}")]
    private static partial void Changed(ILogger logger, Conduct conduct);
}

/// <summary>The body of <c>PUT /behaviour</c>. A member with a typing error would change nothing, so unknown ones are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ConductChange(
    [property: Description("One of those that GET / lists.")] string? Behaviour = null,
    [property: Description("The part of the transfers that succeeds, 0 to 1.")] double? SuccessRate = null,
    [property: Description("The shortest time that a transfer takes, hh:mm:ss.")] TimeSpan? MinDelay = null,
    [property: Description("The longest.")] TimeSpan? MaxDelay = null)
{
    public Conduct To(Conduct now) =>
        new(Behaviour ?? now.Behaviour, SuccessRate ?? now.SuccessRate, MinDelay ?? now.MinDelay, MaxDelay ?? now.MaxDelay);
}
