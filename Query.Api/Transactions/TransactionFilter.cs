using Contracts;
using Data.Transactions;
using Query.Api.Parameters;

namespace Query.Api.Transactions;

/// <summary>Which transactions a list shows.</summary>
/// <param name="Status">Only those that stand there; null for all.</param>
/// <param name="Account">Only those that go from or to it; null for all.</param>
/// <param name="From">Only those created at this instant or later, UTC.</param>
/// <param name="Before">Only those that sort before this key: the cursor, or created_to with an empty id, whichever is earlier.</param>
/// <param name="Limit">At most so many, 1-200.</param>
internal sealed record TransactionFilter(string? Status, string? Account, DateTime From, PageCursor Before, int Limit)
{
    public const string TimeRule = "must be a time as RFC 3339 writes it, such as 2024-01-15T10:30:00Z (in a URL, write the + of an offset as %2B)";

    /// <summary>The statuses that one may ask for.</summary>
    public static IReadOnlyList<string> Statuses { get; } = [TransactionStatus.Processing, TransactionStatus.Processed, TransactionStatus.Failed];

    /// <summary>
    /// Reads the query parameters; where <paramref name="errors"/> names any, the filter is not to be used.
    /// An empty parameter counts as none (<c>?status=&amp;limit=10</c>), and unknown ones are ignored.
    /// </summary>
    public static TransactionFilter Read(IQueryCollection query, out Dictionary<string, string[]> errors)
    {
        var parameters = new QueryParameters(query);

        // DateTime's ends are PostgreSQL's -infinity and infinity.
        var status = parameters.Take("status", text => Statuses.Contains(text) ? text : null, $"must be one of {string.Join(", ", Statuses)}, in upper case");
        var account = parameters.Take("account", text => Ids.IsValid(text) ? text : null, $"must be an account's id: {Ids.Allowed}");
        var from = parameters.Take("created_from", Time, TimeRule) ?? DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);
        var to = parameters.Take("created_to", Time, TimeRule) ?? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);
        var limit = parameters.TakeLimit();
        var cursor = parameters.Take("cursor", Cursor, QueryParameters.CursorRule);
        errors = parameters.Errors;
        if (from > to) errors.TryAdd("created_to", ["created_to must not be earlier than created_from"]);

        var end = new PageCursor(to, "");
        return new(status, account, from, cursor is { } page && page.CreatedAt < to ? page : end, limit);
    }

    private static DateTime? Time(string text) => Rfc3339.TryParse(text, out var utc) ? utc : null;

    private static PageCursor? Cursor(string text) => PageCursor.TryParse(text, out var cursor) ? cursor : null;
}
