using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace ServiceDefaults.Requests;

/// <summary>The proxies in front of the front door, such as a load balancer; without any, no header is believed. Section <c>ForwardedHeaders</c>.</summary>
public sealed class ProxyOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "ForwardedHeaders";

    /// <summary>IP addresses of proxies whose X-Forwarded-For is believed.</summary>
    public string[] KnownProxies { get; set; } = [];

    /// <summary>Networks of such proxies, in CIDR form.</summary>
    public string[] KnownNetworks { get; set; } = [];

    /// <summary>Whether any proxy is known.</summary>
    internal bool HasAny => KnownProxies.Length + KnownNetworks.Length > 0;

    // All addresses as one network would let every caller choose the address that he is counted by.
    internal static bool IsNetwork(string text) => IPNetwork.TryParse(text, out var network) && network.PrefixLength > 0;
}

/// <summary>
/// The address that a request's client is counted by, where a service stands behind the front door. The front door sets X-Forwarded-For to the one address
/// that it saw (<see cref="ClientAddressExtensions.UseKnownProxies"/>), and only what comes from a network of proxies is believed. It is looked up by those
/// who need it: a request that is not counted by its address pays nothing.
/// </summary>
public sealed class ClientAddress
{
    private const string Found = "AspireWebhooks.ClientAddress";

    /// <summary>Networks in which the front door may be; a service behind it is not reached from elsewhere.</summary>
    private static readonly IPNetwork[] Inside =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"),
    ];

    private readonly ForwardedHeadersMiddleware _forwarded;

    /// <summary>Created by the container.</summary>
    public ClientAddress(IOptions<ProxyOptions> options, ILoggerFactory loggers) =>
        _forwarded = new(_ => Task.CompletedTask, loggers, Options.Create(RulesOf(options.Value, Inside, hops: 1)));

    /// <summary>
    /// The client's address: an IPv4 address, or the first 8 bytes of an IPv6 address in hex, because a subscriber can choose any address of a /64 (RFC 6177).
    /// </summary>
    public string Of(HttpContext context)
    {
        if (context.Items[Found] is string found) return found;

        // The middleware consumes the header that it reads, so it runs once a request.
        _forwarded.ApplyForwarders(context);
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var text = address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
        context.Items[Found] = text;
        return text;
    }

    /// <summary>Whom ASP.NET Core's middleware believes.</summary>
    /// <param name="options">The configured proxies.</param>
    /// <param name="networks">Networks besides them.</param>
    /// <param name="hops">How many entries of the header are read, from the last; null: as far as they are known proxies.</param>
    internal static ForwardedHeadersOptions RulesOf(ProxyOptions options, IEnumerable<IPNetwork> networks, int? hops)
    {
        var rules = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = hops };
        rules.KnownProxies.Clear(); // Its own defaults, the loopback addresses.
        rules.KnownIPNetworks.Clear();
        foreach (var proxy in options.KnownProxies) rules.KnownProxies.Add(IPAddress.Parse(proxy));
        foreach (var network in options.KnownNetworks.Select(text => IPNetwork.Parse(text)).Concat(networks)) rules.KnownIPNetworks.Add(network);
        return rules;
    }
}

/// <summary>Registers <see cref="ClientAddress"/>, and gives the front door the addresses of its clients.</summary>
public static class ClientAddressExtensions
{
    /// <summary>
    /// Replaces the connection's address by the client's, as the known proxies in front of this service report it: the last entry of X-Forwarded-For that is no
    /// known proxy; and the scheme by that of X-Forwarded-Proto, since a proxy that ends TLS calls by http. For the service that is reached from outside.
    /// Without known proxies nothing is read.
    /// </summary>
    public static WebApplication UseKnownProxies(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<ProxyOptions>>().Value;
        if (!options.HasAny) return app;
        var rules = ClientAddress.RulesOf(options, [], hops: null);
        rules.ForwardedHeaders |= ForwardedHeaders.XForwardedProto;
        app.Use(DropOtherSchemes);
        app.UseForwardedHeaders(rules);
        return app;
    }

    // The middleware would take any word for a scheme.
    private static Task DropOtherSchemes(HttpContext context, RequestDelegate next)
    {
        var schemes = context.Request.Headers.GetCommaSeparatedValues(ForwardedHeadersDefaults.XForwardedProtoHeaderName);
        if (!schemes.All(scheme => scheme is "http" or "https")) context.Request.Headers.Remove(ForwardedHeadersDefaults.XForwardedProtoHeaderName);
        return next(context);
    }

    internal static void AddClientAddress(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ProxyOptions>().BindConfiguration(ProxyOptions.Section)
            .Validate(proxies => proxies.KnownProxies.All(proxy => IPAddress.TryParse(proxy, out _)),
                "ForwardedHeaders__KnownProxies__n: each must be an IP address, such as 10.0.0.5; a network belongs into ForwardedHeaders__KnownNetworks__n.")
            .Validate(proxies => proxies.KnownNetworks.All(ProxyOptions.IsNetwork),
                "ForwardedHeaders__KnownNetworks__n: each must be a network in CIDR form, such as 10.0.0.0/8. 0.0.0.0/0 and ::/0 are "
                + "refused, because every caller could then choose the address that he is counted by.")
            .ValidateOnStart();
        builder.Services.TryAddSingleton<ClientAddress>();
    }
}
