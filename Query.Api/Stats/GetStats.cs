using Data.Workers;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Stats;

/// <summary>
/// <c>GET /admin/stats</c>: counts, rates, lags and series for an operator's page, read from the tables in two round trips. What is counted is of the
/// window, by its index on the time of creation: a table of a year costs no more than one of an hour.
/// </summary>
internal static class GetStats
{
    public static void MapGetStats(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("getStats")
            .WithSummary("Counts, rates, lags and series")
            .WithDescription("Of what was created in the window, and of what waits now. For a system with more than some millions of rows a window use the "
                + "metrics instead: a window that takes longer than the statement's time-out to count is answered 503.")
            .TakesOneOf("window", "The period that the counts are of.", StatsWindow.Names)
            .Answers(StatusCodes.Status200OK, "The figures.")
            .WithResponseExample(StatusCodes.Status200OK, StatsReply.Example)
            .Fails(StatusCodes.Status422UnprocessableEntity, "window is not one of these; `errors` says which are.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable, or the window has too many rows; try a shorter one.");
    }

    private static async Task<Results<Ok<StatsReply>, Problem>> HandleAsync(
        HttpRequest request, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(request.Query);
        var name = parameters.TakeOneOf("window", StatsWindow.Names);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);
        var window = StatsWindow.All.SingleOrDefault(known => known.Name == name) ?? StatsWindow.All[0];

        var work = await ReadWork.RunAsync(database, cancellationToken);
        return TypedResults.Ok(await ReadStats.RunAsync(database, window, work, clock.GetUtcNow(), cancellationToken));
    }
}
