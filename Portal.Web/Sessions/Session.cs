using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Claims;

namespace Portal.Web.Sessions;

/// <summary>The three parts of the portal. A browser may have a session in each at the same time.</summary>
public enum Area
{
    /// <summary>A user of the payment gateway: <c>/account</c>.</summary>
    Payer,

    /// <summary>Who has the admin key: <c>/admin</c>.</summary>
    Operator,

    /// <summary>Who came by a portal link: <c>/consumer</c>.</summary>
    Consumer,
}

/// <summary>Who visits an area. It is kept in the area's cookie, encrypted, and never reaches a page.</summary>
/// <param name="Area">The area.</param>
/// <param name="Subject">The user's id, the customer's id, or <c>operator</c>.</param>
/// <param name="Name">What the page shows: an e-mail, a customer's id.</param>
/// <param name="Credential">What the API is called with: an access token, the admin key, the token of a portal link.</param>
/// <param name="ExpiresAt">When the credential expires; null for one that does not.</param>
public sealed record Session(Area Area, string Subject, string Name, string Credential, DateTimeOffset? ExpiresAt)
{
    private const string CredentialClaim = "credential", ExpiresClaim = "expires_at";

    /// <summary>The session of this area; null without one.</summary>
    public static Session? Of(ClaimsPrincipal user, Area area)
    {
        if (user.Identities.FirstOrDefault(identity => identity.AuthenticationType == SessionsFeature.SchemeOf(area)) is not { } identity) return null;
        var expires = identity.FindFirst(ExpiresClaim) is { } claim ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(claim.Value, CultureInfo.InvariantCulture))
            : (DateTimeOffset?)null;
        return new(
            area, identity.FindFirst(ClaimTypes.NameIdentifier)!.Value, identity.FindFirst(ClaimTypes.Name)!.Value, identity.FindFirst(CredentialClaim)!.Value,
            expires);
    }

    /// <summary>What the cookie holds.</summary>
    public ClaimsPrincipal ToPrincipal()
    {
        var identity = new ClaimsIdentity(SessionsFeature.SchemeOf(Area));
        identity.AddClaims([new(ClaimTypes.NameIdentifier, Subject), new(ClaimTypes.Name, Name), new(CredentialClaim, Credential)]);
        if (ExpiresAt is { } at) identity.AddClaim(new(ExpiresClaim, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        return new(identity);
    }

    /// <summary>Adds the credential to a call.</summary>
    public void Authenticate(HttpRequestHeaders headers)
    {
        if (Area == Area.Operator) headers.TryAddWithoutValidation("X-API-Key", Credential);
        else headers.Authorization = new("Bearer", Credential);
    }

    /// <summary>Without the credential: this text may reach a log.</summary>
    public override string ToString() => $"{Area} {Subject}";
}
