using System.Net;
using Bunit;
using Portal.Web.Payer;
using Portal.Web.Ui;

namespace Portal.Web.Tests.Payer;

public sealed class OverviewTests : IAsyncLifetime
{
    private readonly PayerPage _page = new();
    private readonly List<string> _payments = [PayerPage.Payment(11)];
    private string _balance = "0.00";

    public ValueTask InitializeAsync()
    {
        _page.Read = target => PayerPage.Answer(HttpStatusCode.OK, target switch
        {
            "/api/v1/users/7/balance" => $$"""{"user_id":7,"balance":"{{_balance}}","available":"{{_balance}}","held":"0.00","currency":"USD"}""",
            "/api/v1/users/7/transactions?limit=10" => $$"""{"items":[{{string.Join(',', _payments)}}],"total":1,"has_more":false,"next_cursor":null}""",
            _ => throw new InvalidOperationException(target),
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _page.DisposeAsync();

    [Fact]
    public void Ones_own_payment_is_in_the_list_at_once_and_the_balance_is_read_again()
    {
        var overview = _page.Context.Render<Overview>(parameters => parameters.Add(page => page.User, "7"));
        overview.WaitForElement("tbody tr");
        _page.Next(HttpStatusCode.Accepted, PayerPage.Payment(12));

        overview.Find(".balance-actions button").Click();
        overview.Find("dialog input[name=amount]").Change("25.00");
        (_balance, _payments[0]) = ("25.00", $"{PayerPage.Payment(12)},{PayerPage.Payment(11)}");
        overview.Find("dialog form").Submit();

        overview.WaitForAssertion(() =>
        {
            Assert.Equal(["/account/deposits/12", "/account/deposits/11"], overview.FindAll("tbody tr").Select(row => row.GetAttribute("data-href")));
            Assert.Equal("25.00 USD", overview.Find("[data-figure=available]").TextContent);
        });
        Assert.Empty(overview.FindAll("dialog"));
        Assert.Empty(overview.FindAll("[data-new-rows]"));
        Assert.Equal("/account/deposits/12", overview.Find(".done-note a").GetAttribute("href"));
    }

    [Fact]
    public async Task What_cannot_be_read_again_stays_and_is_marked_as_old()
    {
        var overview = _page.Context.Render<Overview>(parameters => parameters.Add(page => page.User, "7"));
        overview.WaitForElement("tbody tr");
        Assert.Empty(overview.FindAll(".stale"));

        _page.Read = _ => PayerPage.Answer(HttpStatusCode.ServiceUnavailable, """{"error":"unavailable","detail":"The database cannot answer."}""");
        await _page.Clock.WaitForTimersAsync(2, Xunit.TestContext.Current.CancellationToken);
        _page.Clock.Advance(TimeSpan.FromSeconds(2));

        overview.WaitForAssertion(() => Assert.Contains(
            overview.FindAll(".stale"), mark => mark.TextContent.Contains("The database cannot answer.", StringComparison.Ordinal)));
        Assert.Equal("0.00 USD", overview.Find("[data-figure=available]").TextContent);
        Assert.Single(overview.FindAll("tbody tr"));
    }

    [Fact]
    public async Task Of_a_list_that_is_read_again_only_what_changed_is_drawn()
    {
        _payments.Insert(0, PayerPage.Payment(12));
        var overview = _page.Context.Render<Overview>(parameters => parameters.Add(page => page.User, "7"));
        overview.WaitForElement("tbody tr");
        var rows = overview.FindComponents<LiveRow<Payment>>();
        var drawn = rows.Select(row => row.RenderCount).ToArray();

        _payments[0] = PayerPage.Payment(12, "success");
        await _page.Clock.WaitForTimersAsync(2, Xunit.TestContext.Current.CancellationToken);
        _page.Clock.Advance(TimeSpan.FromSeconds(2));

        overview.WaitForAssertion(() => Assert.Equal("success", overview.Find("tbody tr .status").TextContent));
        Assert.True(rows[0].RenderCount > drawn[0]);
        Assert.Equal(drawn[1], rows[1].RenderCount);
    }
}
