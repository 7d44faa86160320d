using System.ComponentModel;
using Data;
using Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Webhooks;

/// <summary><c>GET /webhooks/{id}</c>: one delivery with every attempt, or 404.</summary>
internal static class GetDelivery
{
    private const string ExampleId = "019a6f70-5555-7c3d-9e4f-0a1b2c3d4e5f";

    private const string Sql = $"{DeliveryReply.Select} WHERE d.id = $1 AND ($2 IS NULL OR w.customer_id = $2)";

    public static void MapGetDelivery(this RouteGroupBuilder group)
    {
        group.MapGet("/{id}", HandleAsync)
            .WithName("getWebhookDelivery")
            .WithSummary("One delivery with every attempt")
            .WithDescription("How far a delivery is, what is sent, and in attempts_log every time that it was sent and what the receiver answered.")
            .WithPathUuid("id", ExampleId)
            .Answers(StatusCodes.Status200OK, "The delivery.")
            .WithResponseExample(StatusCodes.Status200OK, $$"""{{DeliveryReply.Example.TrimEnd()[..^1]}},"attempts_log":[{{AttemptReply.Example}}]}""")
            .Fails(NoDelivery(ExampleId), "There is no such delivery, it is no longer kept, or it is another customer's.");
    }

    private static async Task<Results<Ok<DeliveryReply>, Problem>> HandleAsync(
        [Description("The delivery's id.")] string id, HttpContext context, NpgsqlDataSource source, WebhooksDbContext database,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var deliveryId)) return NotAnId;
        if (await FindAsync(source, deliveryId, context.WebhookScope(), cancellationToken) is not { } delivery) return NoDelivery($"{deliveryId}");
        var attempts = await database.WebhookAttempts.AsNoTracking().Where(attempt => attempt.DeliveryId == deliveryId)
            .OrderBy(attempt => attempt.Number).ToListAsync(cancellationToken);
        return TypedResults.Ok(delivery with { AttemptsLog = attempts.ConvertAll(AttemptReply.Of) });
    }

    private static async Task<DeliveryReply?> FindAsync(NpgsqlDataSource database, Guid id, string? scope, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(Parameter.Text(scope));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? DeliveryReply.Read(row) : null;
    }

    private static Problem NotAnId => Problem.NotFound(
        $"That is not a delivery's id: one is a UUID, such as {ExampleId}. GET /webhooks lists those there are; an event's id is its event_id there.");

    private static Problem NoDelivery(string id) => Problem.NotFound($"There is no delivery {id}. GET /webhooks lists those there are.");
}
