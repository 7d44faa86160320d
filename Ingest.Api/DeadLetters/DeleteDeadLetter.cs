using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.DeadLetters;

/// <summary><c>DELETE /admin/dead-letters/{id}</c>: deletes the row. The record stays in the dead letter topic for as long as Kafka keeps it.</summary>
internal static class DeleteDeadLetter
{
    private const string Sql = "DELETE FROM dead_letters WHERE id = $1";

    public static void MapDeleteDeadLetter(this RouteGroupBuilder group) => group.MapDelete("/{id:long}", HandleAsync)
        .WithName("deleteDeadLetter")
        .WithSummary("Deletes a dead letter")
        .WithDescription("For a record that need not be processed any more.")
        .WithPathNumber("id", 12)
        .Answers(StatusCodes.Status204NoContent, "It was deleted.")
        .Fails(NotThere(12), "There is no such dead letter, or not any more.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database cannot answer; try again after Retry-After seconds.");

    public static Problem NotThere(long id) =>
        Problem.NotFound($"There is no dead letter {id}. It may have been redriven or deleted; GET /admin/dead-letters lists those that are left.");

    private static async Task<Results<NoContent, Problem>> HandleAsync(
        [Description("The dead letter's id.")] long id, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1 ? TypedResults.NoContent() : NotThere(id);
    }
}
