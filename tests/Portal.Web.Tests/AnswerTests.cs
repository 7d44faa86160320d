using System.Net;
using Microsoft.AspNetCore.Http;

namespace Portal.Web.Tests;

/// <summary>What passes back through the door.</summary>
public sealed class AnswerTests
{
    [Fact]
    public async Task An_error_that_a_service_answers_passes_as_it_is()
    {
        await using var backend = await Backend.StartAsync("query-api", async context =>
        {
            context.Response.StatusCode = 503;
            context.Response.ContentType = "application/problem+json";
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsync("""{"error":"its_own"}""");
        });
        await using var door = FrontDoor.Open(query: backend.Address);

        using var response = await door.GetAsync("/v1/transactions");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("7", response.Headers.RetryAfter?.ToString());
        Assert.Equal("""{"error":"its_own"}""", await response.TextAsync());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(502)]
    public async Task An_error_without_a_body_gets_none_at_the_door(int status)
    {
        await using var backend = await Backend.StartAsync("query-api", context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["X-Of-The-Backend"] = "yes";
            return context.Response.StartAsync();
        });
        await using var door = FrontDoor.Open(query: backend.Address);

        using var response = await door.GetAsync("/v1/transactions");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("yes", Assert.Single(response.Headers.GetValues("X-Of-The-Backend")));
        Assert.Equal("", await response.TextAsync());
    }

    [Fact]
    public async Task An_answer_is_streamed_not_gathered()
    {
        var goOn = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync("query-api", async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await goOn.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("second");
        });
        await using var door = FrontDoor.Open(query: backend.Address);

        using var response = await door.GetAsync("/v1/transactions");
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[100];
        var length = await body.ReadAsync(buffer, TestContext.Current.CancellationToken);
        goOn.SetResult();
        using var rest = new StreamReader(body);

        Assert.Equal("first", System.Text.Encoding.ASCII.GetString(buffer, 0, length));
        Assert.Equal("second", await rest.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_not_made_to_look_whole()
    {
        var breakOff = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync("query-api", async context =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            await breakOff.Task;
            context.Abort();
        });
        await using var door = FrontDoor.Open(query: backend.Address);

        using var response = await door.GetAsync("/v1/transactions");
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await body.ReadExactlyAsync(new byte[4], TestContext.Current.CancellationToken);
        breakOff.SetResult();

        await Assert.ThrowsAnyAsync<IOException>(async () => await body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
    }
}
