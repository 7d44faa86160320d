using System.ComponentModel;
using System.Text.Json.Serialization;
using Contracts;
using Data;
using Sandbox.Requests;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Clock;

/// <summary>
/// <c>/sandbox/clock</c>: turns the clock by which installments fall due, so that a year of them passes in a minute. It is in the database of the system under
/// test; the bank's and Stripe's own time, leases and retries go on as they are.
/// </summary>
internal static class ClockFeature
{
    private const string Path = "/sandbox/clock";
    private const string Example = """{"now":"2026-03-01T00:00:00Z","real_now":"2026-01-29T00:00:00Z","ahead":"31.00:00:00"}""";

    public static void AddClock(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ClockJson.Wire));
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString("webhooks"))) return;
        builder.AddWebhooksDatabase();
        builder.Services.AddSingleton<TestClock>();
    }

    public static void MapClock(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext context, CancellationToken cancellationToken) =>
                WithClockAsync(context, async clock => ToReply(await clock.ReadAsync(cancellationToken))))
            .WithName("GetClock").WithTags("Clock").WithSummary("What the clock of due dates says").IsDescribed();
        routes.MapPost(Path, (HttpContext context, CancellationToken cancellationToken) =>
                WithClockAsync(context, clock => TurnAsync(context.Request, clock, cancellationToken)))
            .WithName("TurnClock").WithTags("Clock").WithSummary("Turns the clock of due dates, forward only")
            .WithDescription("Installments that are due by the new time are charged as soon as the worker looks, within a second.")
            .Accepts<ClockStep>("application/json").WithRequestExample("""{"advance":"31.00:00:00"}""").IsDescribed()
            .Fails(StatusCodes.Status400BadRequest, "The body cannot be read, or has an unknown member.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "The clock would go back, or too far; or the body says neither now nor advance, or both.");
        routes.MapDelete(Path, (HttpContext context, CancellationToken cancellationToken) =>
                WithClockAsync(context, async clock => ToReply(await clock.ResetAsync(cancellationToken))))
            .WithName("ResetClock").WithTags("Clock").WithSummary("Sets the clock of due dates to the real time")
            .WithDescription("What was charged stays charged; dates of next attempts that lie ahead stay where they are.").IsDescribed();
    }

    private static RouteHandlerBuilder IsDescribed(this RouteHandlerBuilder endpoint) => endpoint
        .Produces<ClockReply>().Answers(StatusCodes.Status200OK, "The clock as it is now.").WithResponseExample(StatusCodes.Status200OK, Example)
        .Fails(NoDatabase, "The sandbox has no database, or it cannot answer.");

    private static async Task<IResult> TurnAsync(HttpRequest request, TestClock clock, CancellationToken cancellationToken)
    {
        var (step, problem) = await JsonBody.ReadAsync(request, ClockJson.Wire.ClockStep, cancellationToken);
        if (step is null) return problem!;
        var (time, fault) = await clock.TurnAsync(step, cancellationToken);
        return fault is var (field, message) ? Problem.Invalid(field, $"{field} {message}.") : ToReply(time);
    }

    private static async Task<IResult> WithClockAsync(HttpContext context, Func<TestClock, Task<IResult>> useAsync) =>
        context.RequestServices.GetService<TestClock>() is { } clock ? await useAsync(clock) : NoDatabase;

    private static IResult ToReply(ClockTime time) =>
        TypedResults.Json(new ClockReply(time.Now, time.RealNow, time.Now - time.RealNow), ClockJson.Wire.ClockReply);

    private static Problem NoDatabase => Problem.Unavailable(
        "The clock is in the system's database, and this sandbox has none: set ConnectionStrings__webhooks on it. The AppHost does so.");
}

/// <summary>The clock of due dates.</summary>
internal sealed record ClockReply(
    [property: Description("What it says, UTC.")] DateTime Now,
    [property: Description("The real time, UTC.")] DateTime RealNow,
    [property: Description("How far it is ahead, d.hh:mm:ss.")] TimeSpan Ahead);

/// <summary>Source-generated JSON; snake_case.</summary>
[JsonSerializable(typeof(ClockStep))]
[JsonSerializable(typeof(ClockReply))]
internal sealed partial class ClockJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static ClockJson Wire { get; } = new(WireJson.Options());
}
