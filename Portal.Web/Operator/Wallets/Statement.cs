using Portal.Web.Api;
using Portal.Web.Sessions;
using Portal.Web.Ui;

namespace Portal.Web.Operator.Wallets;

/// <summary>A wallet's statement: its lines from one day to another, oldest first.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="Before">What was in the wallet before the first line; null without lines.</param>
/// <param name="After">What was in it after the last one.</param>
/// <param name="IsWhole">Whether all lines of these days are there.</param>
internal sealed record Statement(IReadOnlyList<LedgerLine> Lines, decimal? Before, decimal? After, bool IsWhole)
{
    /// <summary>The most that is on a page for paper.</summary>
    private const int MostLines = 10_000;

    /// <summary>Takes lines, newest first, for a statement.</summary>
    public static Statement Of(IEnumerable<LedgerLine> newestFirst, DateTime? from, DateTime? end, bool isWhole)
    {
        LedgerLine[] lines = [.. newestFirst.Where(line => (from is null || line.CreatedAt >= from) && (end is null || line.CreatedAt < end)).Reverse()];
        return new(lines, lines.FirstOrDefault()?.BalanceBefore, lines.LastOrDefault()?.BalanceAfter, isWhole);
    }

    /// <summary>Reads the lines back to the first day, page by page: the API lists them newest first and knows no days.</summary>
    public static async Task<(Statement? Statement, ApiProblem? Problem)> ReadAsync(PortalApi api, string customerId, DateTime? from, DateTime? end)
    {
        var lines = new List<LedgerLine>();
        string? cursor = null;
        do
        {
            var path = Query.Of($"/wallets/{Query.Segment(customerId)}/ledger", ("cursor", cursor), ("limit", "200"));
            var page = await api.GetAsync(Area.Operator, path, WalletJson.Default.ListLedgerLine);
            if (page.Value is null) return (null, page.Problem);
            lines.AddRange(page.Value);
            cursor = from is { } first && lines.LastOrDefault()?.CreatedAt < first ? null : page.NextCursor;
        }
        while (cursor is not null && lines.Count < MostLines);
        return (Of(lines, from, end, isWhole: cursor is null), null);
    }
}
