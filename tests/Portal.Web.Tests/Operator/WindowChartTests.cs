using Bunit;
using Portal.Web.Operator.Overview;
using Radzen;
using Radzen.Blazor.Rendering;

namespace Portal.Web.Tests.Operator;

/// <summary>The overview is open on many screens: it works when something changed, and only then.</summary>
public sealed class WindowChartTests : BunitContext
{
    private static readonly DateTime At = new(2026, 1, 15, 10, 30, 0, DateTimeKind.Utc);

    public WindowChartTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.Setup<Rect>("Radzen.createChart", _ => true).SetResult(new() { Width = 400, Height = 200 });
        Services.AddRadzenComponents();
    }

    [Fact]
    public void A_chart_renders_again_for_other_numbers_and_not_for_equal_ones()
    {
        var chart = Render<WindowChart>(parameters => parameters.Add(c => c.Title, "Charges").Add(c => c.TimeFormat, "HH:mm").Add(c => c.Points, Points(3)));
        var rendered = chart.RenderCount;

        chart.Render(parameters => parameters.Add(c => c.Points, Points(3)));
        Assert.Equal(rendered, chart.RenderCount);

        chart.Render(parameters => parameters.Add(c => c.Points, Points(4)));
        Assert.True(chart.RenderCount > rendered);
        Assert.Equal(["2026-01-15 10:30", "4", "1"], chart.FindAll("td").Select(cell => cell.TextContent));
        Assert.Equal("Charges: 4, 1 of them failed", chart.Find("[role=img]").GetAttribute("aria-label"));
    }

    [Fact]
    public void Figures_that_are_equal_have_one_fingerprint_whenever_they_were_read()
    {
        Assert.Equal(Figures(total: 5).Fingerprint(), Figures(total: 5).Fingerprint());
        Assert.NotEqual(Figures(total: 5).Fingerprint(), Figures(total: 6).Fingerprint());
    }

    private static ChartPoint[] Points(int count) => [new(At, count, 1), new(At.AddMinutes(1), 0, 0)];

    private static Stats Figures(long total)
    {
        var counts = new Counts(total, new Dictionary<string, long> { ["FAILED"] = 1 }, 0.1, 0.9, 0);
        return new(1, 12, [], new Dictionary<string, long>(), counts, counts, counts, counts, counts, [], []);
    }
}
