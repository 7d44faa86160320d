using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Web.Api;
using Portal.Web.Csv;

namespace Portal.Web.Tests.Csv;

public sealed class CsvTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("rent", "rent")]
    [InlineData("rent, March", "\"rent, March\"")]
    [InlineData("the \"new\" one", "\"the \"\"new\"\" one\"")]
    [InlineData("one\r\ntwo", "\"one\r\ntwo\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+49", "'+49")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [InlineData("2026-01-15T10:30:00Z", "2026-01-15T10:30:00Z")]
    public void A_cell_is_whole_and_no_formula(string? value, string cell) => Assert.Equal(cell, CsvWriter.Cell(value));

    [Fact]
    public async Task Pages_follow_each_other_to_the_last()
    {
        var context = ContextOf(out var body, out _, out _);

        await FileOf(cursor => cursor switch { null => Page("next", "a", "b"), "next" => Page(null, "=c"), _ => throw new InvalidOperationException(cursor) })
            .ExecuteAsync(context);

        Assert.Equal("name\r\na\r\nb\r\n'=c\r\n", Encoding.UTF8.GetString(body.ToArray()).TrimStart('\uFEFF'));
        Assert.Equal("text/csv; charset=utf-8", context.Response.ContentType);
        Assert.Equal("attachment; filename=names.csv", context.Response.Headers.ContentDisposition);
        Assert.Equal("no-store", context.Response.Headers.CacheControl);
    }

    [Fact]
    public async Task A_first_page_that_fails_is_an_answer_that_says_why()
    {
        var context = ContextOf(out var body, out _, out _);

        await FileOf(_ => new(null, new(403, "forbidden", "Not yours.", null))).ExecuteAsync(context);

        Assert.Equal((403, "Not yours."), (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray())));
        Assert.Empty(context.Response.Headers.ContentDisposition.ToArray());
    }

    [Fact]
    public async Task A_later_page_that_fails_cuts_the_file_off_so_that_it_does_not_look_whole()
    {
        var context = ContextOf(out _, out var lifetime, out _);

        await FileOf(cursor => cursor is null ? Page("next", "a") : new(null, new(0, "unreachable", "No answer.", null))).ExecuteAsync(context);

        Assert.True(lifetime.IsAborted);
    }

    [Fact]
    public async Task A_rate_limit_makes_the_file_later_not_shorter()
    {
        var context = ContextOf(out var body, out var lifetime, out var clock);
        var isRefused = new TaskCompletionSource();
        var reads = 0;
        var file = FileOf(cursor =>
        {
            if (cursor is null) return Page("next", "a");
            if (++reads > 1) return Page(null, "b");
            isRefused.SetResult();
            return new(null, new(429, "rate_limited", "Later.", null) { RetryAfter = 7 });
        });

        var sending = file.ExecuteAsync(context);
        await isRefused.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(sending.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(7));
        await sending;

        Assert.EndsWith("a\r\nb\r\n", Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
        Assert.False(lifetime.IsAborted);
    }

    private static ApiResult<Names> Page(string? next, params string[] names) => new(new(names, next), null);

    private static CsvFile<Names, string> FileOf(Func<string?, ApiResult<Names>> read) =>
        new("names.csv", [new("name", name => name)], (cursor, _) => Task.FromResult(read(cursor)), page => page.All, page => page.Next);

    private static DefaultHttpContext ContextOf(out MemoryStream body, out Lifetime lifetime, out FakeTimeProvider clock)
    {
        (body, lifetime, clock) = (new(), new(), new());
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(clock).BuildServiceProvider() };
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        context.Response.Body = body;
        return context;
    }

    private sealed record Names(IReadOnlyList<string> All, string? Next);

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }
}
