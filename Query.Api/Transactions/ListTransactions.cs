using Data;
using Data.Transactions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Transactions;

/// <summary><c>GET /v1/transactions</c>: newest first, page by page.</summary>
internal static class ListTransactions
{
    private static readonly PageSize Size = new(Default: 50, Max: 200);

    private static readonly string[] Statuses = [TransactionStatus.Processing, TransactionStatus.Processed, TransactionStatus.Failed];

    public static void MapListTransactions(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listTransactions")
            .WithSummary("Transactions, newest first")
            .WithDescription("A page of transactions. While next_cursor is not null there are more: send it as cursor, with the same other parameters.")
            .TakesOneOf("status", "Only those with this status.", Statuses)
            .TakesId("account", "Only those from or to this account.")
            .TakesTime("created_from", "Only those accepted at this time or later.")
            .TakesTime("created_to", "Only those accepted before this time.")
            .TakesLimit(Size).TakesCursor()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing matches.")
            .WithResponseExample(StatusCodes.Status200OK, $$"""{"data":[{{TransactionReply.Example}}],"next_cursor":null}""")
            .Fails(StatusCodes.Status401Unauthorized, "An API key is required here, and none or an unknown one came.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
    }

    private static async Task<Results<Ok<CursorPage<TransactionReply>>, Problem>> HandleAsync(
        HttpRequest request, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        var filter = Filter.Read(request.Query, out var errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var rows = await Rows(database, filter).ToListAsync(cancellationToken);
        return TypedResults.Ok(CursorPage<TransactionReply>.Of(
            rows.ConvertAll(TransactionReply.Of), filter.Limit, last => new TimeCursor(last.CreatedAt, last.TransactionId)));
    }

    /// <summary>The rows of a page, and one more.</summary>
    internal static IQueryable<Transaction> Rows(WebhooksDbContext database, Filter filter)
    {
        var matching = Matching(filter.Status == TransactionStatus.Processing ? Open(database, filter) : database.Transactions, filter).AsNoTracking();
        if (filter.Account is not { } account) return Newest(matching, filter.Limit + 1);

        // Two index scans of a page each, then at most two pages to sort. "source = x OR destination = x" would read all rows of an account for
        // every page. UNION removes the duplicate of a transfer from an account to itself.
        var sent = Newest(matching.Where(t => t.SourceAccount == account), filter.Limit + 1);
        var received = Newest(matching.Where(t => t.DestinationAccount == account), filter.Limit + 1);
        return Newest(sent.Union(received), filter.Limit + 1);
    }

    /// <summary>
    /// What may be PROCESSING, by way of the outbox: the status has no index, and those few may be anywhere among millions. All of them are in the outbox; an
    /// account's are no older than what is oldest there.
    /// </summary>
    private static IQueryable<Transaction> Open(WebhooksDbContext database, Filter filter)
    {
        var commits = database.TransactionOutbox.Select(o => o.CreatedAt);
        if (filter.Account is not null) return database.Transactions.Where(t => t.CreatedAt >= commits.Min(at => (DateTimeOffset?)at));

        if (filter.From is { } from) commits = commits.Where(at => at >= from);
        if (filter.To is { } to) commits = commits.Where(at => at < to);
        if (filter.After is { Time: var time }) commits = commits.Where(at => at <= new DateTimeOffset(time));
        return commits.Distinct().Join(database.Transactions, at => at, t => t.CreatedAt, (_, t) => t);
    }

    private static IQueryable<Transaction> Matching(IQueryable<Transaction> transactions, Filter filter)
    {
        if (filter.From is { } from) transactions = transactions.Where(t => t.CreatedAt >= from);
        if (filter.To is { } to) transactions = transactions.Where(t => t.CreatedAt < to);
        if (filter.After is { Id: var id } cursor)
        {
            var time = new DateTimeOffset(cursor.Time);
            transactions = transactions.Where(t => EF.Functions.LessThan(ValueTuple.Create(t.CreatedAt, t.TransactionId), ValueTuple.Create(time, id)));
        }

        return filter.Status switch
        {
            TransactionStatus.Processing => transactions.Where(t => t.Status == TransactionStatus.Processing),
            TransactionStatus.Processed => transactions.Where(t => t.Status == TransactionStatus.Processed),
            TransactionStatus.Failed => transactions.Where(t => t.Status == TransactionStatus.Failed && t.FailureReason != null), // Its index is of these.
            _ => transactions,
        };
    }

    private static IQueryable<Transaction> Newest(IQueryable<Transaction> transactions, int count) =>
        transactions.OrderByDescending(t => t.CreatedAt).ThenByDescending(t => t.TransactionId).Take(count);

    /// <summary>Which transactions a page shows.</summary>
    /// <param name="Status">Only those with this status; null for all.</param>
    /// <param name="Account">Only those from or to this account; null for all.</param>
    /// <param name="From">Only those created at this time or later.</param>
    /// <param name="To">Only those created before this time.</param>
    /// <param name="After">The last row of the page before; null for the first page.</param>
    /// <param name="Limit">The most rows, 1-200.</param>
    internal sealed record Filter(string? Status, string? Account, DateTimeOffset? From, DateTimeOffset? To, TimeCursor? After, int Limit)
    {
        /// <summary>Reads the query parameters. The filter is not to be used when <paramref name="errors"/> is not empty.</summary>
        public static Filter Read(IQueryCollection query, out Dictionary<string, string[]> errors)
        {
            var parameters = new QueryParameters(query);
            var filter = new Filter(
                parameters.TakeOneOf("status", Statuses, ", in upper case"),
                parameters.TakeId("account", "an account's id"),
                parameters.TakeTime("created_from"),
                parameters.TakeTime("created_to"),
                parameters.TakeCursor(TimeCursor.Parse),
                parameters.TakeLimit(Size));
            errors = parameters.Errors;
            if (filter.From > filter.To) errors.TryAdd("created_to", ["created_to must not be earlier than created_from"]);
            return filter;
        }
    }
}
