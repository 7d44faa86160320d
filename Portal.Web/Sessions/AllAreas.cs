using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Portal.Web.Shell;

namespace Portal.Web.Sessions;

/// <summary>
/// The default scheme: the sessions of all areas together. A circuit's connection is not of one area, so it has all of them, and each page takes its own
/// (<see cref="Session.Of"/>). Paths of the API have no use for cookies, and theirs are not read.
/// </summary>
internal sealed class AllAreas(IOptionsMonitor<AllAreasOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AllAreasOptions>(options, loggers, encoder)
{
    public const string Name = "areas";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Context.IsPage()) return AuthenticateResult.NoResult();
        var identities = new List<ClaimsIdentity>();
        foreach (var area in Enum.GetValues<Area>())
        {
            var result = await Context.AuthenticateAsync(SessionsFeature.SchemeOf(area));
            if (result.Succeeded) identities.AddRange(result.Principal.Identities);
        }

        return identities.Count == 0 ? AuthenticateResult.NoResult() : AuthenticateResult.Success(new(new ClaimsPrincipal(identities), Name));
    }
}

/// <summary>It has none.</summary>
internal sealed class AllAreasOptions : AuthenticationSchemeOptions;
