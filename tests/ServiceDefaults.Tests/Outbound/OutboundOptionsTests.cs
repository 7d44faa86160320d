using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServiceDefaults.Outbound;

namespace ServiceDefaults.Tests.Outbound;

public class OutboundOptionsTests
{
    [Theory]
    [InlineData("Webhooks__AllowedNetworks__n: 'office'", "AllowedNetworks:0", "office")]
    [InlineData("Webhooks__AllowedNetworks__n: '10.0.0.5'", "AllowedNetworks:0", "10.0.0.5")]
    [InlineData("Webhooks__AllowedNetworks__n: '10.0.0.0/33'", "AllowedNetworks:0", "10.0.0.0/33")]
    [InlineData("Webhooks__AllowedNetworks__n: '0.0.0.0/0'", "AllowedNetworks:0", "0.0.0.0/0")]
    [InlineData("Webhooks__AllowedNetworks__n: '::/0'", "AllowedNetworks:0", "::/0")]
    [InlineData("Webhooks__AllowedNetworks__n: '::ffff:10.0.0.0/104'", "AllowedNetworks:0", "::ffff:10.0.0.0/104")]
    [InlineData("169.254.169.254/32 cannot be allowed: link-local, where cloud metadata is", "AllowedNetworks:0", "169.254.169.254/32")]
    [InlineData("fe80::/64 cannot be allowed: link-local", "AllowedNetworks:0", "fe80::/64")]
    [InlineData("Webhooks__Timeout must be between 00:00:01 and 00:01:00", "Timeout", "00:00:00")]
    [InlineData("Webhooks__Timeout must be between 00:00:01 and 00:01:00", "Timeout", "00:02:00")]
    public void What_cannot_be_meant_is_refused_by_its_setting(string expected, string setting, string value)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Options("Production", (setting, value)));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Staging", false)]
    [InlineData("Production", false)]
    public void Development_alone_allows_loopback_and_http_unless_they_are_set(string environment, bool isAllowed)
    {
        var (unset, set) = (Options(environment), Options(environment, ("AllowLoopback", $"{!isAllowed}"), ("AllowHttp", $"{!isAllowed}")));

        Assert.Equal((isAllowed, isAllowed), (unset.AllowLoopback, unset.AllowHttp));
        Assert.Equal((!isAllowed, !isAllowed), (set.AllowLoopback, set.AllowHttp));
        Assert.Equal(TimeSpan.FromSeconds(15), unset.Timeout);
    }

    private static OutboundOptions Options(string environment, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Webhooks:{setting.Name}", (string?)setting.Value)));
        builder.AddOutboundOptions();
        using var services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<IOptions<OutboundOptions>>().Value;
    }
}
