using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using ServiceDefaults.Starting;

namespace ServiceDefaults.Tests.Starting;

/// <summary>Secrets by the names that deployers make a Secret of.</summary>
public sealed class SecretSettingsTests
{
    [Theory]
    [InlineData("ConnectionStrings:Auth:AdminKeys:0", "Auth:AdminKeys:0")]
    [InlineData("ConnectionStrings:RateLimits:PortalKey", "RateLimits:PortalKey")]
    [InlineData("ConnectionStrings:STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET")]
    public void A_setting_may_be_named_as_a_connection_string(string given, string setting) =>
        Assert.Equal("secret", With((given, "secret"))[setting]);

    [Fact]
    public void Its_own_name_wins() =>
        Assert.Equal("own", With(("ConnectionStrings:Auth:AdminKeys:0", "secret"), ("Auth:AdminKeys:0", "own"))["Auth:AdminKeys:0"]);

    [Theory, InlineData("webhooks"), InlineData("broker"), InlineData("redis")]
    public void A_connection_string_is_no_setting(string name) => Assert.Null(With(($"ConnectionStrings:{name}", "Host=db"))[name]);

    private static ConfigurationManager With(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.AddSecretSettings();
        return builder.Configuration;
    }
}
