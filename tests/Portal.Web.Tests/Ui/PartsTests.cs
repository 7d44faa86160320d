using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Web.Api;
using Portal.Web.Ui;
using Support;

namespace Portal.Web.Tests.Ui;

/// <summary>The small parts that every page is made of.</summary>
public sealed class PartsTests : IDisposable
{
    private const string Id = "019a6f70-5555-7c3d-9e4f-0a1b2c3d4e5f";

    private readonly BunitContext _context = new();
    private readonly PortalOptions _options = new();

    public PartsTests()
    {
        _context.Services.AddSingleton(Options.Create(_options));
        _context.Services.AddSingleton<TimeProvider>(new FakeClock(new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero)));
    }

    public void Dispose() => _context.Dispose();

    [Fact]
    public void An_id_is_shortened_on_the_page_and_whole_on_hover_and_when_copied()
    {
        var shown = _context.Render<Id>(parameters => parameters.Add(id => id.Value, Id).Add(id => id.What, "the charge's id"));

        Assert.Equal(24, shown.Find("code").TextContent.Length);
        Assert.Equal(Id, shown.Find("code").GetAttribute("title"));
        Assert.Equal((Id, "Copy the charge's id"), (shown.Find("button").GetAttribute("data-copy"), shown.Find("button").GetAttribute("aria-label")));
    }

    [Fact]
    public void A_relative_time_has_the_exact_one_on_hover()
    {
        var shown = _context.Render<Time>(parameters => parameters.Add(time => time.At, new(2026, 1, 15, 10, 28, 0, TimeSpan.Zero)));

        Assert.Equal(("2 min ago", "2026-01-15T10:28:00Z"), (shown.Find("time").TextContent, shown.Find("time").GetAttribute("title")));
    }

    [Fact]
    public void Where_there_is_nothing_the_next_command_is_shown_and_can_be_copied()
    {
        var shown = _context.Render<Empty>(parameters => parameters.Add(empty => empty.Title, "No transactions.").Add(empty => empty.Command, "curl -i <url>"));

        Assert.Equal("curl -i <url>", shown.Find("pre code").TextContent);
        Assert.Equal("curl -i <url>", shown.Find("[data-copy]").GetAttribute("data-copy"));
    }

    [Fact]
    public void A_problem_says_what_to_do_names_the_request_and_offers_to_try_again()
    {
        var problem = new ApiProblem(503, "unavailable", "The database cannot answer; try again shortly.", RequestId: Id) { RetryAfter = 2 };

        var shown = _context.Render<Failure>(parameters => parameters.Add(failure => failure.Problem, problem).Add(failure => failure.Retry, "/admin/charges"));

        Assert.Contains("The database cannot answer", shown.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Try again in 2 s.", shown.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal(Id, shown.Find("[data-copy]").GetAttribute("data-copy"));
        Assert.Equal("/admin/charges", shown.Find("a").GetAttribute("href"));
    }

    [Fact]
    public void A_session_that_has_ended_leads_to_the_log_in_and_not_to_another_try()
    {
        var shown = _context.Render<Failure>(parameters => parameters
            .Add(failure => failure.Problem, new ApiProblem(401, "unauthorized", "The token has expired.", RequestId: null))
            .Add(failure => failure.Retry, "/admin/charges").Add(failure => failure.LogIn, "/admin/login"));

        Assert.Equal("/admin/login", Assert.Single(shown.FindAll("a")).GetAttribute("href"));
    }

    [Theory]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736", "http://localhost:15000/traces/detail/4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("a/../b?c", "http://localhost:15000/traces/detail/a%2F..%2Fb%3Fc")]
    public void A_trace_is_linked_by_the_template_and_said_to_be_gone_some_day(string trace, string href)
    {
        _options.TraceUrl = "http://localhost:15000/traces/detail/{trace_id}";

        var shown = _context.Render<TraceLink>(parameters => parameters.Add(link => link.TraceId, trace));

        Assert.Equal(href, shown.Find("a").GetAttribute("href"));
        Assert.Contains("may be gone", shown.Markup, StringComparison.Ordinal);
    }

    [Theory, InlineData(null, "http://localhost:15000/{trace_id}"), InlineData("", "http://localhost:15000/{trace_id}"), InlineData("4bf92f", null)]
    public void Without_a_trace_or_a_page_for_traces_there_is_no_link(string? trace, string? template)
    {
        _options.TraceUrl = template;

        Assert.Empty(_context.Render<TraceLink>(parameters => parameters.Add(link => link.TraceId, trace)).Markup.Trim());
    }
}
