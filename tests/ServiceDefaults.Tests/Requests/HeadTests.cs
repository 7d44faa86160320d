using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ServiceDefaults.Tests.Requests;

/// <summary>HEAD is served wherever GET is, by every service.</summary>
public sealed class HeadTests : IAsyncLifetime
{
    private TestService _service = null!;

    public async ValueTask InitializeAsync() => _service = await TestService.StartAsync(app =>
    {
        app.MapGet("/orders", (HttpRequest request) => $"{request.Method} orders");
        app.MapGet("/orders/{id}", (int id) => $"order {id}");
        app.MapPost("/orders", () => "posted");
        app.MapPost("/only-post", () => "posted");
        app.MapGet("/method", (HttpContext context) => context.Response.Headers["X-Method"] = context.Request.Method);
    });

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Every_GET_of_a_service_answers_HEAD_without_a_line_for_it()
    {
        var patterns = _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
            .Select(endpoint => endpoint.RoutePattern.RawText!).ToList();
        Assert.Contains("/health", patterns);

        foreach (var pattern in patterns)
        {
            var path = pattern.StartsWith("/openapi", StringComparison.Ordinal) ? "/openapi/shop.json" : pattern.Replace("{id}", "7", StringComparison.Ordinal);
            using var get = await _service.Http.GetAsync(path, TestContext.Current.CancellationToken);
            using var head = await HeadAsync(path);

            Assert.Equal((path, HttpStatusCode.OK, HttpStatusCode.OK), (path, get.StatusCode, head.StatusCode));
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Who_handles_it_sees_HEAD()
    {
        using var head = await HeadAsync("/method");

        Assert.Equal("HEAD", Assert.Single(head.Headers.GetValues("X-Method")));
    }

    [Theory, InlineData("/only-post", "POST"), InlineData("/orders/7", null)]
    public async Task Where_there_is_no_GET_it_is_405(string path, string? allow)
    {
        using var head = await HeadAsync(path);

        Assert.Equal(allow is null ? HttpStatusCode.OK : HttpStatusCode.MethodNotAllowed, head.StatusCode);
        if (allow is not null) Assert.Equal([allow], head.Content.Headers.Allow);
    }

    [Fact]
    public async Task Allow_names_it_where_GET_is()
    {
        using var response = await _service.Http.DeleteAsync("/orders", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD", "POST"], response.Content.Headers.Allow.Order());
    }

    private async Task<HttpResponseMessage> HeadAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        return await _service.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
