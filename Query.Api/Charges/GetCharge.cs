using System.ComponentModel;
using Data;
using Data.Charges;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Charges;

/// <summary><c>GET /charges/{id}</c>: one charge, or 404.</summary>
internal static class GetCharge
{
    /// <summary>The id in the documents.</summary>
    public const string ExampleId = "019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f";

    public static void MapGetCharge(this RouteGroupBuilder group)
    {
        group.MapGet("/{id}", HandleAsync)
            .WithName("getCharge")
            .WithSummary("One charge")
            .WithDescription("Where a charge stands. It ends as succeeded or failed, with failure_code and failure_message.")
            .WithPathUuid("id", ExampleId)
            .Answers(StatusCodes.Status200OK, "The charge.")
            .WithResponseExample(StatusCodes.Status200OK, ChargeReply.Example)
            .Fails(NoCharge(ExampleId), "There is no such charge.");
    }

    private static async Task<Results<Ok<ChargeReply>, Problem>> HandleAsync(
        [Description("The charge's id.")] string id, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var chargeId)) return NotAnId;
        var charge = await database.Charges.AsNoTracking().SingleOrDefaultAsync(charge => charge.Id == chargeId, cancellationToken);
        return charge is null ? NoCharge($"{chargeId}") : TypedResults.Ok(ChargeReply.Of(charge));
    }

    /// <summary>The 404 for a text that cannot be a charge's id.</summary>
    public static Problem NotAnId => Problem.NotFound($"That is not a charge's id: one is a UUID, such as {ExampleId}. GET /charges lists those there are.");

    /// <summary>The 404 for an id that no charge has.</summary>
    public static Problem NoCharge(string id) => Problem.NotFound($"There is no charge {id}. GET /charges lists those there are.");
}
