using Portal.Web.Operator.Search;

namespace Portal.Web.Tests.Operator;

/// <summary>A hit leads to the page of what was found.</summary>
public sealed class SearchLinkTests
{
    [Theory]
    [InlineData("transaction", "txn:1~@", "acc_a to acc_b, 12.50 USD", "/admin/transactions/txn%3A1~%40")]
    [InlineData("payment", "42", "withdrawal, 5.00 USD", "/admin/withdrawals/42"), InlineData("payment", "42", "deposit, 5.00 USD", "/admin/deposits/42")]
    [InlineData("charge", "c1", "charge of cust_42, 5.00 USD", "/admin/charges/c1"), InlineData("order", "o1", "installments of cust_42", "/admin/orders/o1")]
    [InlineData("wallet", "019a6f60", "wallet of cust:42, USD", "/admin/wallets/cust%3A42"), InlineData("user", "3", "dora@example.com", "/admin/users/3")]
    [InlineData("endpoint", "e1", "https://example.com/", "/admin/endpoints/e1"), InlineData("delivery", "d1", "x to y", "/admin/deliveries/d1")]
    [InlineData("event", "evt_1", "charge.succeeded of 12", "/admin/deliveries?event_type=charge.succeeded")]
    [InlineData("dead_letter", "12", "payments: It was given up: no answer.", "/admin/dlq?topic=payments&reason=given_up")]
    [InlineData("refund", "r1", "refund to cust_42, 5.00 USD", null), InlineData("idempotency_key", "k", "POST /charges by admin", null)]
    public void A_hit_leads_to_its_page(string kind, string id, string title, string? href) =>
        Assert.Equal(href, SearchLinks.HrefOf(Hit(kind, id, title)));

    [Fact]
    public void One_hit_leads_on_at_once_unless_its_page_shows_others_too()
    {
        Assert.Equal("/admin/users/3", SearchLinks.OnlyPageOf(Hit("user", "3", "dora@example.com")));
        Assert.Null(SearchLinks.OnlyPageOf(Hit("event", "evt_1", "charge.succeeded of 12")));
    }

    private static SearchHit Hit(string kind, string id, string title) => new(kind, id, title, "given_up", "id", CreatedAt: null, TraceId: null);
}
