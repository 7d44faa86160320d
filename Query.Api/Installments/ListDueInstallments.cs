using Data;
using Data.Installments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Installments;

/// <summary><c>GET /installments/due-installments</c>: those that are to be charged now, the longest due first, page by page.</summary>
internal static class ListDueInstallments
{
    // The index of the worker's own search has them in this order. The clock in a subquery is asked once, not for every row.
    private const string Due =
        """
        SELECT * FROM installments WHERE next_attempt_at <= (SELECT business_now()) AND (next_attempt_at, id) > ({0}, {1})
        """;

    // From the customer's orders, however many installments of others are due. MATERIALIZED, or PostgreSQL might walk all that are due until it has found a
    // page of this customer's.
    private const string DueOfCustomer =
        """
        WITH due AS MATERIALIZED (
            SELECT * FROM installments
            WHERE order_id = ANY (ARRAY(SELECT id FROM installment_orders WHERE customer_id = {2} AND status = 'active'))
                AND next_attempt_at <= (SELECT business_now()) AND (next_attempt_at, id) > ({0}, {1}))
        SELECT * FROM due
        """;

    public static void MapListDueInstallments(this RouteGroupBuilder group)
    {
        group.MapGet("/due-installments", HandleAsync)
            .WithName("listDueInstallments")
            .WithSummary("Installments that are due, the longest due first")
            .WithDescription("Those of active orders that the next_attempt_at of has come: the worker charges them within seconds, so the list is empty unless "
                + "it is behind. While there are more, the header Link says where the next page is.")
            .TakesId("customer_id", "Only this customer's.")
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing is due.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{InstallmentReply.Example}]");
    }

    private static async Task<Results<Ok<List<InstallmentReply>>, Problem>> HandleAsync(
        HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(context.Request.Query);
        var customer = parameters.TakeId("customer_id", "a customer's id");
        var page = parameters.TakePage(ParseCursor);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        var installments = await Rows(database, customer, page).ToListAsync(cancellationToken);
        return page.Answer(context, installments.ConvertAll(row => InstallmentReply.Of(row.Installment, row.Currency)),
            last => new TimeCursor(last.NextAttemptAt!.Value, $"{last.Id}"));
    }

    /// <summary>The rows of a page, and one more, each with its order's currency.</summary>
    internal static IQueryable<DueInstallment> Rows(WebhooksDbContext database, string? customerId, ListPage<TimeCursor> page)
    {
        var (time, id) = page.After is { } last ? (last.Time, Guid.Parse(last.Id)) : (DateTime.UnixEpoch, Guid.Empty);
        var due = customerId is null
            ? database.Installments.FromSqlRaw(Due, time, id)
            : database.Installments.FromSqlRaw(DueOfCustomer, time, id, customerId);
        var first = due.AsNoTracking().OrderBy(installment => installment.NextAttemptAt).ThenBy(installment => installment.Id)
            .Skip(page.Skip).Take(page.Read);
        return
            from installment in first
            join order in database.InstallmentOrders on installment.OrderId equals order.Id
            orderby installment.NextAttemptAt, installment.Id
            select new DueInstallment(installment, order.Currency);
    }

    /// <summary>Reads the cursor of a time and a UUID; null for any other text.</summary>
    internal static TimeCursor? ParseCursor(string text) => TimeCursor.Parse(text) is { } cursor && Guid.TryParse(cursor.Id, out _) ? cursor : null;

    /// <param name="Installment">The row.</param>
    /// <param name="Currency">Its order's.</param>
    internal sealed record DueInstallment(Installment Installment, string Currency);
}
