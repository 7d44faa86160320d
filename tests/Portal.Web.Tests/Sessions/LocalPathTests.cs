using Portal.Web.Sessions;

namespace Portal.Web.Tests.Sessions;

public sealed class LocalPathTests
{
    [Theory]
    [InlineData("/account/history?type=deposit&status=failed")]
    [InlineData("/admin/transactions/a%2Fb")]
    public void A_path_of_this_site_is_returned_to(string path) => Assert.Equal(path, SignIn.LocalPath(path, "/account"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("account")]
    [InlineData("https://evil.example/account")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData(" //evil.example")]
    [InlineData("javascript:alert(1)")]
    public void Nothing_leads_to_another_site(string? path) => Assert.Equal("/account", SignIn.LocalPath(path, "/account"));
}
