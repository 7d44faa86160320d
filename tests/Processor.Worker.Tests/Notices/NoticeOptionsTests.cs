using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Processor.Worker.Notices;

namespace Processor.Worker.Tests.Notices;

public class NoticeOptionsTests
{
    private static readonly (string Name, string Value)[] Mails =
        [("To", "ops@pay.example, \"On, Call\" <oncall@pay.example>"), ("From", "notices@pay.example"), ("Smtp:Host", "mail.pay.example")];

    [Theory]
    [InlineData("Notices__PortalUrl must be", "PortalUrl", "/portal")]
    [InlineData("Notices__PortalUrl must be", "PortalUrl", "ftp://pay.example")]
    [InlineData("Notices__PortalUrl must be", "PortalUrl", "https://pay.example/?a=b")]
    [InlineData("Notices__OverdueAfter must be", "OverdueAfter", "00:00:09")]
    [InlineData("Notices__MailInterval must be", "MailInterval", "00:00:00")]
    [InlineData("Notices__MailRetryBase must be", "MailRetryBase", "00:11:00")]
    [InlineData("Notices__Retention must be", "Retention", "00:01:00")]
    [InlineData("Notices__To must be", "To", "ops")]
    [InlineData("Notices__To must be", "To", "ops@pay.example,,;")]
    [InlineData("Notices__To must be", "To", "ops@pay.example\r\nBcc: all@pay.example")]
    [InlineData("Notices__To is missing: Notices__Smtp__Host is set", "To", "")]
    [InlineData("Notices__From must be", "From", "")]
    [InlineData("Notices__From must be", "From", "a@pay.example,b@pay.example")]
    [InlineData("Notices__Smtp__Host must be", "Smtp:Host", "")]
    [InlineData("Notices__Smtp__Port must be", "Smtp:Port", "0")]
    [InlineData("Notices__Smtp__Tls must be one of none, starttls, tls", "Smtp:Tls", "ssl")]
    [InlineData("Notices__Smtp__User and Notices__Smtp__Password must be set both", "Smtp:User", "u")]
    [InlineData("Notices__Smtp__User and Notices__Smtp__Password must be set both", "Smtp:Password", "p")]
    public void What_cannot_be_meant_is_refused_by_its_setting(string expected, string setting, string value) =>
        Assert.Contains(expected, Refusal([.. Mails, (setting, value)]), StringComparison.Ordinal);

    [Theory]
    [InlineData("mail.pay.example", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost", true)]
    public void A_password_goes_without_TLS_to_this_machine_alone(string host, bool isAllowed)
    {
        (string, string)[] settings = [.. Mails, ("Smtp:Host", host), ("Smtp:Tls", "none"), ("Smtp:User", "u"), ("Smtp:Password", "secret-of-ours")];
        if (isAllowed)
        {
            Assert.Equal(host, Options(settings).Smtp.Host);
            return;
        }

        var refusal = Refusal(settings);
        Assert.StartsWith("Notices__Smtp__Tls must be starttls or tls", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-ours", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_settings_nothing_is_mailed_and_links_lead_to_this_machine()
    {
        var options = Options();

        Assert.False(options.IsMailed);
        Assert.Equal("http://localhost:8000/admin/workers", options.LinkTo("/admin/workers"));
        Assert.Equal(TimeSpan.FromMinutes(5), options.OverdueAfter);
    }

    [Theory]
    [InlineData("starttls", 587)]
    [InlineData("tls", 465)]
    [InlineData("none", 25)]
    public void The_port_is_the_usual_one(string tls, int port) => Assert.Equal(port, Options([.. Mails, ("Smtp:Tls", tls)]).Smtp.PortOrDefault);

    [Fact]
    public void Addresses_may_have_names_with_commas()
    {
        var options = Options([.. Mails, ("PortalUrl", "https://pay.example/portal/")]);

        Assert.Equal(["ops@pay.example", "oncall@pay.example"], options.ReadTo().Select(address => address.Address));
        Assert.Equal("https://pay.example/portal/admin/stats", options.LinkTo("/admin/stats"));
        Assert.Equal(SmtpTls.StartTls, options.Smtp.Tls);
    }

    private static string Refusal((string Name, string Value)[] settings) => Assert.Throws<OptionsValidationException>(() => Options(settings)).Message;

    private static NoticeOptions Options(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        foreach (var (name, value) in settings) builder.Configuration[$"Notices:{name}"] = value;
        builder.AddNoticeOptions();
        using var services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<IOptions<NoticeOptions>>().Value;
    }
}
