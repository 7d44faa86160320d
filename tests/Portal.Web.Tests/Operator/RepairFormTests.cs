using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Portal.Web.Operator.DeadLetters;

namespace Portal.Web.Tests.Operator;

public sealed class RepairFormTests : IDisposable
{
    private const string Broken = """{"transaction_id":"<b>txn</b>""";

    private readonly BunitContext _page = new();

    public RepairFormTests() => _page.Services.AddSingleton<AntiforgeryStateProvider, NoToken>();

    public void Dispose() => _page.Dispose();

    [Fact]
    public void The_whole_record_is_there_to_be_repaired_as_text()
    {
        var form = Render(Broken, Broken.Length);

        Assert.Equal((Broken, "txn"), (form.Find("textarea").TextContent, form.Find("input[name='Do.Key']").GetAttribute("value")));
        Assert.False(form.Find("details").HasAttribute("open"));
    }

    [Fact]
    public void A_record_that_is_shown_in_part_is_not_sent_back_in_part() => Assert.Equal("", Render(Broken, Broken.Length + 1).Find("textarea").TextContent);

    [Fact]
    public void What_was_typed_and_refused_is_still_there()
    {
        var form = Render(Broken, Broken.Length, new LetterRepair("", "typed"));

        Assert.True(form.Find("details").HasAttribute("open"));
        Assert.Equal(("typed", ""), (form.Find("textarea").TextContent, form.Find("input[name='Do.Key']").GetAttribute("value") ?? ""));
    }

    [Theory]
    [InlineData("txn", "{}", """{"key":"txn","value":"{}"}""")]
    [InlineData("", "{}", """{"value":"{}"}""")]
    [InlineData(null, "", null)]
    public void What_is_left_empty_stays_as_it_was(string? key, string? value, string? body) =>
        Assert.Equal(body, new LetterRepair(key, value).ToBody()?.ToJsonString());

    private IRenderedComponent<RepairForm> Render(string value, int bytes, LetterRepair? typed = null)
    {
        var letter = new Letter(12, "transactions", 3, 4711, default, "txn", null, value, null, bytes, "undecodable", "The body is no transaction.", default);
        return _page.Render<RepairForm>(form => form.Add(f => f.Letter, letter).Add(f => f.Typed, typed));
    }

    private sealed class NoToken : AntiforgeryStateProvider
    {
        public override AntiforgeryRequestToken? GetAntiforgeryToken() => null;
    }
}
