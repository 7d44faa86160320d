using System.Data.Common;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Tests;

public class ProblemTests
{
    private const string Secret = "Host=db.internal;Password=hunter2";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_unknown_path_is_404_and_says_which()
    {
        await using var service = await StartAsync();
        using var response = await service.Http.GetAsync("/nothing/here", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var problem = await response.ProblemAsync();
        Assert.Equal("not_found", problem.GetProperty("error").GetString());
        Assert.Equal("urn:aspirewebhooks:error:not_found", problem.GetProperty("type").GetString());
        Assert.Contains("/nothing/here", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_problem_writes_text_as_it_is()
    {
        await using var service = await StartAsync();
        using var response = await service.Http.GetAsync("/caf%C3%A9/it's<here>", Cancelled);
        var bytes = await response.Content.ReadAsByteArrayAsync(Cancelled);
        Assert.Contains("/café/it's<here>", System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_refusal_of_a_body_that_is_too_large_says_that_the_connection_ends()
    {
        await using var service = await StartAsync();
        using var response = await service.Http.GetAsync("/too-large", Cancelled);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.True(response.Headers.ConnectionClose);
        using var other = await service.Http.GetAsync("/nothing", Cancelled);
        Assert.Null(other.Headers.ConnectionClose);
    }

    [Fact]
    public async Task An_unknown_method_is_405_with_those_that_are_known()
    {
        await using var service = await StartAsync();
        using var response = await service.Http.DeleteAsync("/orders", Cancelled);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD", "POST"], response.Content.Headers.Allow.Order());
        Assert.Equal("method_not_allowed", (await response.ProblemAsync()).GetProperty("error").GetString());
    }

    [Theory, InlineData("Development"), InlineData("Production")]
    public async Task What_nobody_foresaw_is_a_500_that_tells_nothing_but_the_trace(string environment)
    {
        await using var service = await StartAsync(environment);
        using var response = await service.Http.GetAsync("/secret", Cancelled);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("internal_error", (await response.ProblemAsync()).GetProperty("error").GetString());
        var all = response + await response.Content.ReadAsStringAsync(Cancelled);
        foreach (var leak in new[] { "hunter2", "db.internal", "Exception", "   at ", "Kestrel", "ServiceDefaults" })
            Assert.DoesNotContain(leak, all, StringComparison.Ordinal);
        Assert.Contains(service.Logs, line => line.StartsWith("Error 100 ", StringComparison.Ordinal) && line.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory, InlineData("/away"), InlineData("/timeout")]
    public async Task A_database_that_is_away_is_a_503_that_may_be_tried_again(string path)
    {
        await using var service = await StartAsync();
        using var response = await service.Http.GetAsync(path, Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var problem = await response.ProblemAsync();
        Assert.Equal(("unavailable", 1), (problem.GetProperty("error").GetString(), problem.GetProperty("retry_after").GetInt32()));
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        Assert.DoesNotContain("hunter2", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_error_that_will_not_pass_is_a_500()
    {
        await using var service = await StartAsync();
        using var response = await service.Http.GetAsync("/constraint", Cancelled);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Theory]
    [InlineData("Development", "{", "application/json", 400, "bad_request")]
    [InlineData("Production", "{", "application/json", 400, "bad_request")]
    [InlineData("Development", "{}", "text/plain", 415, "unsupported_media_type")]
    [InlineData("Production", "{}", "text/plain", 415, "unsupported_media_type")]
    public async Task A_body_that_cannot_be_bound_is_the_callers_error(string environment, string body, string type, int status, string error)
    {
        await using var service = await StartAsync(environment);
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(type));
        using var response = await service.Http.PostAsync("/orders", content, Cancelled);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(error, (await response.ProblemAsync()).GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_body_over_the_servers_limit_is_413()
    {
        await using var service = await TestService.StartAsync(Map, builder => Microsoft.AspNetCore.Hosting.WebHostBuilderKestrelExtensions
            .ConfigureKestrel(builder.WebHost, kestrel => kestrel.Limits.MaxRequestBodySize = 10));
        using var response = await service.Http.PostAsJsonAsync("/orders", new { Name = new string('x', 100) }, Cancelled);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("payload_too_large", (await response.ProblemAsync()).GetProperty("error").GetString());
    }

    [Theory, InlineData("/%ED%A0%80"), InlineData("/%ff%fe"), InlineData("/a%00b"), InlineData("/%")]
    [InlineData("/%22%3Cscript%3E"), InlineData("/..%2f..%2fetc")]
    public async Task Rubbish_in_a_path_never_gives_a_5xx(string path)
    {
        await using var service = await StartAsync();
        var answer = await service.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 4[0-9][0-9] ", answer);
    }

    [Fact]
    public async Task A_HEAD_request_is_told_the_length_and_nothing_more()
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/nothing");
        using var response = await service.Http.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 0);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancelled));
    }

    [Fact]
    public async Task Invalid_input_names_every_field()
    {
        await using var service = await StartAsync();
        using var response = await service.Http.GetAsync("/invalid", Cancelled);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var problem = await response.ProblemAsync();
        Assert.Equal("must be more than 0", problem.GetProperty("errors").GetProperty("amount")[0].GetString());
        Assert.False(problem.TryGetProperty("retry_after", out _));
    }

    [Fact]
    public async Task A_bare_status_gets_a_body_and_an_endpoints_own_body_stays()
    {
        await using var service = await StartAsync();
        using var bare = await service.Http.GetAsync("/bare", Cancelled);
        Assert.Equal("forbidden", (await bare.ProblemAsync()).GetProperty("error").GetString());
        using var own = await service.Http.GetAsync("/own", Cancelled);
        Assert.Equal("\"mine\"", await own.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task An_error_keeps_nothing_of_the_answer_it_replaces()
    {
        await using var service = await StartAsync();
        using var response = await service.Http.GetAsync("/half", Cancelled);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Null(response.Headers.ETag);
        Assert.Empty(response.Content.Headers.ContentEncoding);
        await response.ProblemAsync();
    }

    [Fact]
    public async Task An_answer_that_had_begun_is_cut_off_rather_than_ended_as_if_whole()
    {
        await using var service = await StartAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => service.Http.GetStringAsync("/begun", Cancelled));
    }

    private static Task<TestService> StartAsync(string environment = "Development") =>
        TestService.StartAsync(Map, environment: environment, settings: [new("Auth__AllowAnonymous", "true")]);

    private static void Map(WebApplication app)
    {
        app.MapGet("/orders", () => "orders");
        app.MapPost("/orders", (Order order) => order.Name);
        app.MapGet("/secret", string () => throw new InvalidOperationException(Secret));
        app.MapGet("/too-large", () => Results.StatusCode(StatusCodes.Status413PayloadTooLarge));
        app.MapGet("/away", string () => throw new DatabaseException(transient: true));
        app.MapGet("/timeout", string () => throw new DatabaseException(transient: false, new TimeoutException(Secret)));
        app.MapGet("/constraint", string () => throw new DatabaseException(transient: false));
        app.MapGet("/invalid", () => Problem.Invalid(new Dictionary<string, string[]> { ["amount"] = ["must be more than 0"] }));
        app.MapGet("/bare", () => Results.StatusCode(403));
        app.MapGet("/own", () => Results.Json("mine", statusCode: 404));
        app.MapGet("/half", (HttpResponse response) =>
        {
            response.Headers.ETag = "\"of the order\"";
            response.Headers.ContentEncoding = "br";
            throw new InvalidOperationException(Secret);
        });
        app.MapGet("/begun", async (HttpResponse response) =>
        {
            await response.WriteAsync("half an order");
            await response.Body.FlushAsync();
            throw new InvalidOperationException(Secret);
        });
    }

    private sealed record Order(string Name);

    private sealed class DatabaseException(bool transient, Exception? inner = null) : DbException(Secret, inner)
    {
        public override bool IsTransient => transient;

        public override string? SqlState => transient || InnerException is not null ? null : "23505"; // A constraint's.
    }
}
