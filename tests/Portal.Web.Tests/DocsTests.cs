using System.Net;
using System.Text.RegularExpressions;

namespace Portal.Web.Tests;

public sealed partial class DocsTests : IAsyncDisposable
{
    private readonly FrontDoor _door = FrontDoor.Open();

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    [Fact]
    public async Task Docs_leads_to_a_page()
    {
        using var redirect = await _door.GetAsync("/docs");
        Assert.Equal(HttpStatusCode.MovedPermanently, redirect.StatusCode);
        Assert.Equal("docs/index.html", redirect.Headers.Location?.ToString());

        using var page = await _door.GetAsync("/docs/index.html");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task It_shows_the_one_document_keeps_the_keys_that_were_entered_and_asks_no_validator_on_the_internet()
    {
        using var script = await _door.GetAsync("/docs/index.js");
        var text = await script.TextAsync();

        Assert.Equal(["/openapi.json"], Url().Matches(text).Select(match => match.Groups[1].Value));
        Assert.Contains("\"persistAuthorization\":true", text, StringComparison.Ordinal);
        Assert.Contains("\"deepLinking\":true", text, StringComparison.Ordinal);
        Assert.Contains("\"tryItOutEnabled\":true", text, StringComparison.Ordinal);
        Assert.Contains("\"validatorUrl\":\"none\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_the_page_loads_is_served_here_and_the_browser_may_load_nothing_else()
    {
        using var page = await _door.GetAsync("/docs/index.html");
        var html = await page.TextAsync();
        Assert.Contains("default-src 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);

        var files = Reference().Matches(html).Select(match => match.Groups[1].Value).ToList();
        Assert.Contains("padlocks.js", files);
        Assert.Contains("page.css", files);
        foreach (var file in files)
        {
            using var response = await _door.GetAsync($"/docs/{file}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [GeneratedRegex("\"url\":\"([^\"]*)\"")]
    private static partial Regex Url();

    [GeneratedRegex("(?:src|href)=[\"']([^\"']+)[\"']")]
    private static partial Regex Reference();
}
