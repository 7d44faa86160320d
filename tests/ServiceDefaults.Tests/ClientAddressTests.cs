using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ServiceDefaults.Requests;

namespace ServiceDefaults.Tests;

/// <summary>Every request comes from 127.0.0.1, so that is the nearest proxy.</summary>
public class ClientAddressTests
{
    private const string Proxy = "ForwardedHeaders__KnownProxies__0", Network = "ForwardedHeaders__KnownNetworks__0";

    [Theory]
    [InlineData("127.0.0.1", "203.0.113.9")]
    [InlineData("127.0.0.1", "203.0.113.9", Network, "10.0.0.0/8")]
    [InlineData("127.0.0.1", "203.0.113.9", Proxy, "10.0.0.5")]
    [InlineData("203.0.113.9", "203.0.113.9", Proxy, "127.0.0.1")]
    [InlineData("203.0.113.9", "6.6.6.6, 203.0.113.9", Proxy, "127.0.0.1")]
    [InlineData("10.0.0.7", "203.0.113.9, 10.0.0.7", Proxy, "127.0.0.1")]
    [InlineData("203.0.113.9", "6.6.6.6, 203.0.113.9, 10.0.0.7", Proxy, "127.0.0.1", Network, "10.0.0.0/8")]
    [InlineData("203.0.113.9", "203.0.113.9:50123", Network, "127.0.0.0/8")]
    [InlineData("2001:db8::9", "[2001:db8::9]:50123", Network, "127.0.0.0/8")]
    [InlineData("127.0.0.1", "unknown", Proxy, "127.0.0.1")]
    [InlineData("127.0.0.1", "", Proxy, "127.0.0.1")]
    public async Task The_front_door_sees_the_last_address_that_is_no_known_proxy(string expected, string forwardedFor, params string[] settings)
    {
        await using var service = await StartAsync(settings);
        Assert.Equal(expected, await AskAsync(service, "/seen", forwardedFor));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("http", Network, "10.0.0.0/8")]
    [InlineData("https", Proxy, "127.0.0.1")]
    public async Task The_front_door_takes_the_scheme_from_a_known_proxy_alone(string expected, params string[] settings)
    {
        await using var service = await StartAsync(settings);
        Assert.Equal(expected, await AskAsync(service, "/scheme", "203.0.113.9"));
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("203.0.113.9", "6.6.6.6, 203.0.113.9")]
    [InlineData("10.0.0.7", "203.0.113.9, 10.0.0.7")]
    [InlineData("203.0.113.9", "::ffff:203.0.113.9")]
    [InlineData("20010DB800010002", "2001:db8:1:2::5")]
    [InlineData("127.0.0.1", "rubbish")]
    [InlineData("127.0.0.1", "")]
    public async Task A_service_behind_it_counts_by_the_one_address_that_the_front_door_saw(string expected, string forwardedFor)
    {
        await using var service = await StartAsync();
        Assert.Equal(expected, await AskAsync(service, "/counted", forwardedFor));
    }

    [Theory]
    [InlineData("ForwardedHeaders__KnownProxies__n", Proxy, "load-balancer")]
    [InlineData("ForwardedHeaders__KnownProxies__n", Proxy, "10.0.0.0/8")]
    [InlineData("ForwardedHeaders__KnownNetworks__n", Network, "10.0.0.5")]
    [InlineData("ForwardedHeaders__KnownNetworks__n", Network, "10.0.0.0/33")]
    [InlineData("ForwardedHeaders__KnownNetworks__n", Network, "0.0.0.0/0")]
    [InlineData("ForwardedHeaders__KnownNetworks__n", Network, "::/0")]
    public async Task A_proxy_that_cannot_be_is_refused_at_start_by_its_setting(string expected, params string[] settings)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(settings));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(TestService service, string path, string forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var response = await service.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static Task<TestService> StartAsync(params string[] settings) => TestService.StartAsync(
        app =>
        {
            app.MapGet("/counted", (HttpContext context, ClientAddress addresses) =>
                addresses.Of(context) == addresses.Of(context) ? addresses.Of(context) : "");
            app.UseKnownProxies();
            app.MapGet("/scheme", (HttpContext context) => context.Request.Scheme);
            app.MapGet("/seen", (HttpContext context) => $"{context.Connection.RemoteIpAddress}");
        },
        settings: settings.Chunk(2).Select(setting => KeyValuePair.Create(setting[0], setting[1])));
}
