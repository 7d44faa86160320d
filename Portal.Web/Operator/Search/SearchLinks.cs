using Portal.Web.Ui;

namespace Portal.Web.Operator.Search;

/// <summary>Where the page of a hit is. Titles are as GET /admin/search writes them: what a hit is about, then a comma and an amount or a currency.</summary>
internal static class SearchLinks
{
    private const string Event = "event", WalletTitle = "wallet of ";

    /// <summary>The path of its page, or of the list that it is in; null for what has neither here, such as a refund, which its charge's page shows.</summary>
    public static string? HrefOf(SearchHit hit) => hit.Kind switch
    {
        "transaction" => Page("transactions", hit.Id),
        "payment" => Page(AboutOf(hit) == "withdrawal" ? "withdrawals" : "deposits", hit.Id),
        "charge" => Page("charges", hit.Id),
        "order" => Page("orders", hit.Id),
        "wallet" when CustomerOf(hit) is { } customer => Page("wallets", customer),
        "user" => Page("users", hit.Id),
        "endpoint" => Page("endpoints", hit.Id),
        "delivery" => Page("deliveries", hit.Id),
        Event => Query.Of("/admin/deliveries", ("event_type", hit.Title?.Split(' ')[0])),
        "dead_letter" => Query.Of("/admin/dlq", ("topic", hit.Title?.Split(':')[0]), ("reason", hit.Status)),
        _ => null,
    };

    /// <summary>Where to go at once when there is but this hit; null where its page does not show it by itself.</summary>
    public static string? OnlyPageOf(SearchHit hit) => hit.Kind == Event ? null : HrefOf(hit);

    private static string Page(string pages, string id) => $"/admin/{pages}/{Query.Segment(id)}";

    private static string? AboutOf(SearchHit hit) => hit.Title?.Split(',')[0];

    // Wallets' pages go by their customers, in whose ids there is no comma.
    private static string? CustomerOf(SearchHit hit) =>
        AboutOf(hit) is { } about && about.StartsWith(WalletTitle, StringComparison.Ordinal) ? about[WalletTitle.Length..] : null;
}
