namespace Portal.Web.Tests.Operator;

/// <summary>What is not there below <c>/admin</c>: a page for a browser, the API's own answers for programs.</summary>
public sealed class MissingPageTests
{
    private const string Browser = "text/html,application/xhtml+xml,*/*;q=0.8";

    [Theory]
    [InlineData("GET", "/admin/nothing/here", Browser, 302), InlineData("GET", "/admin/nothing/here", "*/*", 404)]
    [InlineData("POST", "/admin/stats", Browser, 405), InlineData("DELETE", "/admin/dead-letters", Browser, 405)]
    public async Task A_page_that_is_not_there_takes_nothing_of_the_api(string method, string path, string accept, int status)
    {
        await using var door = FrontDoor.Open();

        using var response = await door.SendAsync(new HttpMethod(method), path, null, ("Accept", accept));

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 302) Assert.StartsWith("/admin/login", response.Headers.Location?.PathAndQuery ?? "", StringComparison.Ordinal);
    }

    [Theory, InlineData("/admin/workers"), InlineData("/admin/search?q=1")]
    public async Task A_path_of_both_is_a_page_for_a_browser_and_the_apis_for_a_program(string path)
    {
        await using var query = await Backend.StartAsync("query");
        await using var door = FrontDoor.Open(query: query.Address);

        using var page = await door.GetAsync(path, ("Accept", Browser));
        using var followed = await door.GetAsync(path, ("Accept", "text/html; blazor-enhanced-nav=on"));
        using var answer = await door.GetAsync(path, ("Accept", "*/*"));

        Assert.Equal((302, 302, 200), ((int)page.StatusCode, (int)followed.StatusCode, (int)answer.StatusCode));
        Assert.Single(query.Requests);
    }
}
