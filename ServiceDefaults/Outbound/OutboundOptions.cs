using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Outbound;

/// <summary>Where outbound webhooks may go, and how long one may take. Section <c>Webhooks</c>.</summary>
public sealed class OutboundOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Webhooks";

    /// <summary>Whether a webhook may go to this machine (127.0.0.0/8, ::1, localhost). The default is true in Development and false elsewhere.</summary>
    public bool? AllowLoopback { get; set; }

    /// <summary>
    /// Whether an endpoint may have an http address. The default is true in Development and false elsewhere: a payload has customers' data, and over http
    /// anybody on the way reads it.
    /// </summary>
    public bool? AllowHttp { get; set; }

    /// <summary>
    /// Networks of ours that webhooks may reach though they are not public, in CIDR form. Cloud metadata, link-local, multicast and unspecified addresses are
    /// refused in any case.
    /// </summary>
    public string[] AllowedNetworks { get; set; } = [];

    /// <summary>How long one webhook may take: connecting, headers and body together.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary><see cref="AllowedNetworks"/>, read. Valid ones alone: the others stop the service at start.</summary>
    internal IEnumerable<IPNetwork> Networks => AllowedNetworks.Select(text => IPNetwork.Parse(text));

    /// <summary>What is invalid, with each setting's name; empty when all are valid.</summary>
    internal IEnumerable<string> Faults()
    {
        const string Setting = "Webhooks__AllowedNetworks__n";
        foreach (var text in AllowedNetworks)
        {
            // All addresses as one network would turn the guard off. A mapped network matches nothing: such an address is judged as the IPv4 one.
            if (!IPNetwork.TryParse(text, out var network) || network.PrefixLength == 0 || network.BaseAddress.IsIPv4MappedToIPv6)
                yield return $"{Setting}: '{text}' must be a network in CIDR form, such as 10.20.0.0/16 or fd12:3456::/48, and not all addresses.";
            else if (AddressRules.WhyNeverAllowed(network) is { } why)
                yield return $"{Setting}: {text} cannot be allowed: {why}. Take it out.";
        }

        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(1))
            yield return "Webhooks__Timeout must be between 00:00:01 and 00:01:00, such as 00:00:15.";
    }
}

/// <summary>Registers what the services that take and send outbound webhooks share.</summary>
public static class OutboundFeature
{
    /// <summary>Adds <see cref="OutboundOptions"/>, validated at start. What Development allows, it allows unless a setting says otherwise.</summary>
    public static WebApplicationBuilder AddOutboundOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<OutboundOptions>().BindConfiguration(OutboundOptions.Section)
            .PostConfigure<IHostEnvironment>((options, environment) =>
            {
                options.AllowLoopback ??= environment.IsDevelopment();
                options.AllowHttp ??= environment.IsDevelopment();
            })
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<OutboundOptions>, Validation>();
        return builder;
    }

    private sealed class Validation : IValidateOptions<OutboundOptions>
    {
        public ValidateOptionsResult Validate(string? name, OutboundOptions options) =>
            options.Faults().ToArray() is { Length: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
