using System.ComponentModel;
using Data;
using Data.Charges;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Charges;

/// <summary><c>GET /charges/{id}/refunds</c>: a charge's refunds, newest first, page by page.</summary>
internal static class ListRefunds
{
    public static void MapListRefunds(this RouteGroupBuilder group)
    {
        group.MapGet("/{id}/refunds", HandleAsync)
            .WithName("listRefunds")
            .WithSummary("A charge's refunds, newest first")
            .WithDescription("What of the charge went back or is on its way. While there are more, the header Link says where the next page is.")
            .WithPathUuid("id", GetCharge.ExampleId)
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing went back.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{RefundReply.Example}]")
            .Fails(GetCharge.NoCharge(GetCharge.ExampleId), "There is no such charge.");
    }

    private static async Task<Results<Ok<List<RefundReply>>, Problem>> HandleAsync(
        [Description("The charge's id.")] string id, HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var chargeId)) return GetCharge.NotAnId;
        var parameters = new QueryParameters(context.Request.Query);
        var page = parameters.TakePage(UuidCursor.Parse);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);
        var currency = await database.Charges.Where(charge => charge.Id == chargeId).Select(charge => charge.Currency).SingleOrDefaultAsync(cancellationToken);
        if (currency is null) return GetCharge.NoCharge($"{chargeId}");

        var refunds = await Rows(database, chargeId, page).ToListAsync(cancellationToken);
        return page.Answer(context, refunds.ConvertAll(refund => RefundReply.Of(refund, currency)), last => new UuidCursor(last.Id));
    }

    /// <summary>The rows of a page, and one more.</summary>
    internal static IQueryable<Refund> Rows(WebhooksDbContext database, Guid chargeId, ListPage<UuidCursor> page)
    {
        var before = page.Before();
        return database.Refunds.AsNoTracking().Where(refund => refund.ChargeId == chargeId && refund.Id < before)
            .OrderByDescending(refund => refund.Id).Skip(page.Skip).Take(page.Read);
    }
}
