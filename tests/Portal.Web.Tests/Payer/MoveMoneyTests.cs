using System.Net;
using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Web.Payer;

namespace Portal.Web.Tests.Payer;

public sealed class MoveMoneyTests : IAsyncLifetime
{
    private const string Refusal =
        """
        {"title":"Bad Request","status":400,"detail":"Not covered.","error":"insufficient_balance","trace_id":"t","available":"1000.00","required":"999999.00"}
        """;

    private readonly PayerPage _page = new();
    private readonly List<AcceptedPayment> _accepted = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _page.DisposeAsync();

    [Fact]
    public void Until_the_outcome_is_known_the_same_body_is_sent_with_the_same_key()
    {
        var dialog = Open();
        _page.Next(null);
        _page.Next(HttpStatusCode.ServiceUnavailable, """{"error":"unavailable","detail":"Later."}""");
        _page.Next(HttpStatusCode.Accepted, PayerPage.Payment(12));

        Send(dialog, "25.00", "Rent");
        Assert.Contains("It is not known whether the deposit was accepted.", TextOf(dialog, ".failure"), StringComparison.Ordinal);
        Assert.All(dialog.FindAll("input"), input => Assert.True(input.HasAttribute("readonly")));
        Assert.Equal("Send again", TextOf(dialog, "button[type=submit]"));
        dialog.Find("form").Submit();
        dialog.Find("form").Submit();

        Assert.Equal(3, _page.Writes.Count);
        Assert.Single(_page.Writes.Distinct());
        Assert.True(Guid.TryParse(_page.Writes[0].Key, out _));
        Assert.Equal(
            ("POST", "/api/v1/deposits", """{"amount":"25.00","description":"Rent"}""", "Bearer token"),
            (_page.Writes[0].Method, _page.Writes[0].Target, _page.Writes[0].Body, _page.Writes[0].Authorization));
        Assert.Equal(new AcceptedPayment("deposit", "25.00 USD", "/account/deposits/12"), Assert.Single(_accepted));
    }

    [Fact]
    public void A_definite_refusal_is_said_in_words_and_the_next_try_has_a_key_of_its_own()
    {
        var dialog = Open("withdrawal");
        _page.Next(HttpStatusCode.BadRequest, Refusal);
        _page.Next(HttpStatusCode.Accepted, PayerPage.Payment(12, type: "withdrawal"));

        Send(dialog, "999999.00");
        Assert.Equal(
            "Not enough is available. You asked for 999999.00 USD; 1000.00 USD can be withdrawn now. Nothing was held.", TextOf(dialog, ".failure"));
        Assert.All(dialog.FindAll("input"), input => Assert.False(input.HasAttribute("readonly")));
        Send(dialog, "10");

        Assert.Equal(["/api/v1/withdrawals", "/api/v1/withdrawals"], _page.Writes.Select(sent => sent.Target));
        Assert.NotEqual(_page.Writes[0].Key, _page.Writes[1].Key);
    }

    [Fact]
    public void Closing_it_while_the_outcome_is_unknown_does_not_lose_the_key()
    {
        var dialog = Open();
        _page.Next(null);
        _page.Next(HttpStatusCode.Accepted, PayerPage.Payment(12));
        Send(dialog, "25.00");

        dialog.Render(parameters => parameters.Add(d => d.IsOpen, false));
        Assert.Empty(dialog.FindAll("dialog"));
        dialog.Render(parameters => parameters.Add(d => d.IsOpen, true));
        dialog.Find("form").Submit();

        Assert.Single(_page.Writes.Distinct());
        Assert.Equal(2, _page.Writes.Count);
    }

    [Fact]
    public void A_session_that_ended_says_nothing_about_an_earlier_try()
    {
        var dialog = Open();
        _page.Next(null);
        _page.Next(HttpStatusCode.Unauthorized, """{"error":"unauthorized","detail":"The token has expired."}""");
        Send(dialog, "25.00");

        dialog.Find("form").Submit();

        Assert.Contains("It is not known", TextOf(dialog, ".failure"), StringComparison.Ordinal);
        Assert.Contains("Your session has ended.", TextOf(dialog, ".failure"), StringComparison.Ordinal);
        Assert.Single(_page.Writes.Distinct());
    }

    [Fact]
    public void Each_opening_begins_afresh()
    {
        var dialog = Open();
        _page.Next(HttpStatusCode.Accepted, PayerPage.Payment(12));
        _page.Next(HttpStatusCode.Accepted, PayerPage.Payment(13));
        Send(dialog, "25.00", "Rent");

        dialog.Render(parameters => parameters.Add(d => d.IsOpen, false));
        dialog.Render(parameters => parameters.Add(d => d.IsOpen, true));
        Assert.All(dialog.FindAll("input"), input => Assert.True(string.IsNullOrEmpty(input.GetAttribute("value"))));
        Send(dialog, "25.00");

        Assert.NotEqual(_page.Writes[0].Key, _page.Writes[1].Key);
    }

    [Fact]
    public void What_is_wrong_with_a_field_stands_at_the_field()
    {
        var dialog = Open();
        _page.Next(HttpStatusCode.UnprocessableEntity, """{"error":"invalid","detail":"Invalid.","errors":{"amount":["amount must be a number."]}}""");

        Send(dialog, "abc");

        Assert.Equal("amount must be a number.", TextOf(dialog, ".field:has(input[name=amount]) .error"));
        Assert.Equal("true", dialog.Find("input[name=amount]").GetAttribute("aria-invalid"));
        Assert.Empty(_accepted);
    }

    private IRenderedComponent<MoveMoney> Open(string type = "deposit") => _page.Context.Render<MoveMoney>(parameters => parameters
        .Add(d => d.Type, type)
        .Add(d => d.IsOpen, true)
        .Add(d => d.Currency, "USD")
        .Add(d => d.OnAccepted, EventCallback.Factory.Create<AcceptedPayment>(this, _accepted.Add)));

    private static void Send(IRenderedComponent<MoveMoney> dialog, string amount, string? description = null)
    {
        dialog.Find("input[name=amount]").Change(amount);
        if (description is not null) dialog.Find("input[name=description]").Change(description);
        dialog.Find("form").Submit();
    }

    private static string TextOf(IRenderedComponent<MoveMoney> dialog, string selector) =>
        string.Join(' ', dialog.Find(selector).Text().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
