using System.Text;
using System.Text.RegularExpressions;
using Data.Webhooks;

namespace Contracts.Tests.Receivers;

/// <summary>docs/webhooks.md: what it shows is what runs.</summary>
public sealed partial class PageTests
{
    private readonly string _page = File.ReadAllText(Path.Combine(Page.Root(), "docs", "webhooks.md"));

    [Theory]
    [InlineData("python", "python/receiver.py"), InlineData("js", "node/receiver.mjs"), InlineData("csharp", "csharp/WebhookEvent.cs")]
    public void Its_code_is_the_receivers_own(string language, string file)
    {
        var runs = File.ReadAllText(Path.Combine(Page.Root(), "docs", "receivers", file));

        Assert.Contains(Assert.Single(Blocks(language)), runs, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_payloads_are_those_that_are_sent()
    {
        var happened = new WebhookEvent
        {
            Id = Guid.Parse("019a6f60-6666-7c3d-9e4f-0a1b2c3d4e5f"),
            Type = WebhookEvents.ChargeSucceeded,
            ResourceId = "",
            Sequence = 1042,
            Data = EventCatalog.Find(WebhookEvents.ChargeSucceeded).Example,
            CreatedAt = new DateTimeOffset(2026, 1, 15, 10, 30, 5, TimeSpan.Zero).AddTicks(1_300_210),
        };

        // By their text, less the line breaks of a page: members, their order, and 130.00 with its zeros.
        Assert.Equal(
            PayloadStyle.All.Select(style => Encoding.UTF8.GetString(EventBody.Of(happened, style))),
            Blocks("json").Select(block => LineBreak().Replace(block, "").TrimEnd()));
    }

    [Fact]
    public void It_names_every_type_of_events() => Assert.All(WebhookEvents.All, type => Assert.Contains($"`{type}`", _page, StringComparison.Ordinal));

    private IEnumerable<string> Blocks(string language) =>
        Regex.Matches(_page, $"^```{language}\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline).Select(match => match.Groups[1].Value);

    [GeneratedRegex("\n *")]
    private static partial Regex LineBreak();
}
