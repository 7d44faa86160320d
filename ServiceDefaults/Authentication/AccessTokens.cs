using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Contracts;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Authentication;

/// <summary>
/// Access tokens: JWTs (RFC 7519) signed with HMAC-SHA256, which every service checks by itself. There are two kinds, and neither is taken for the other
/// (RFC 8725, 3.12). A user's: <c>sub</c> is the user's id, <c>role</c> is <c>admin</c> or not there. A portal link's: <c>scope</c> is <c>webhooks</c> and
/// <c>customer_id</c> is the customer whose webhooks it opens, and nothing else.
/// </summary>
public sealed class AccessTokens
{
    private const string Issuer = "aspirewebhooks";
    private const string Audience = "aspirewebhooks-api";
    private const string Role = "role";
    private const string Scope = "scope";
    private const string WebhooksScope = "webhooks";
    private const string CustomerId = "customer_id";

    /// <summary>The accepted difference between the clocks of two machines.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _tokens = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly TimeProvider _clock;
    private readonly SigningCredentials? _signing;
    private readonly TokenValidationParameters _rules;

    /// <summary>Created by the container.</summary>
    public AccessTokens(IOptions<JwtOptions> options, TimeProvider clock)
    {
        _clock = clock;
        Lifetime = options.Value.Lifetime;
        SymmetricSecurityKey[] keys = [.. options.Value.SigningKeys.Select(key => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)))];
        _signing = keys is [var first, ..] ? new(first, SecurityAlgorithms.HmacSha256) : null;
        _rules = new()
        {
            // Explicit, so that neither `none` nor a public key used as a secret is accepted (RFC 8725, 3.1).
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            IssuerSigningKeys = keys,
            ValidIssuer = Issuer,
            ValidAudience = Audience,
            ValidTypes = [JwtConstants.HeaderType],
            LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires),
        };
    }

    /// <summary>Whether a signing key is configured.</summary>
    public bool CanIssue => _signing is not null;

    /// <summary>How long a token is accepted.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>Creates a token for this user.</summary>
    /// <exception cref="InvalidOperationException">No <c>Auth__Jwt__SigningKeys__0</c> is set; check <see cref="CanIssue"/> first.</exception>
    public string Issue(long userId, bool isAdmin)
    {
        var claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = userId.ToString(CultureInfo.InvariantCulture) };
        if (isAdmin) claims[Role] = ApiKeyAuthentication.AdminRole;
        return Create(claims, _clock.GetUtcNow(), Lifetime);
    }

    /// <summary>Creates the token of a portal link, which opens one customer's webhooks.</summary>
    /// <param name="customerId">The customer.</param>
    /// <param name="lifetime">How long it is accepted. It cannot be revoked before.</param>
    /// <returns>The token, and when it expires: a whole second, as a JWT counts.</returns>
    /// <exception cref="InvalidOperationException">No <c>Auth__Jwt__SigningKeys__0</c> is set; check <see cref="CanIssue"/> first.</exception>
    public (string Token, DateTimeOffset ExpiresAt) IssueForWebhooks(string customerId, TimeSpan lifetime)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(_clock.GetUtcNow().ToUnixTimeSeconds());
        return (Create(new() { [Scope] = WebhooksScope, [CustomerId] = customerId }, now, lifetime), now + lifetime);
    }

    /// <summary>Whether a credential has the form of a token: three parts. A user's key has no dot.</summary>
    internal static bool IsOne(string credential) => credential.AsSpan().Count('.') == 2;

    /// <summary>Returns the user of a token; null when the token is invalid, has expired, or is a portal link's.</summary>
    internal async Task<Caller?> ReadAsync(string token) =>
        await VerifyAsync(token) is { } claims
        && claims.FindFirst(Scope) is null
        && claims.FindFirst(JwtRegisteredClaimNames.Sub) is { } sub
        && long.TryParse(sub.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var userId) && userId > 0
            ? new(userId, claims.HasClaim(Role, ApiKeyAuthentication.AdminRole))
            : null;

    /// <summary>Returns the customer of a portal link's token; null when the token is invalid, has expired, or is a user's.</summary>
    internal async Task<string?> ReadCustomerAsync(string token) =>
        await VerifyAsync(token) is { } claims
        && claims.FindFirst(JwtRegisteredClaimNames.Sub) is null
        && claims.FindAll(Scope).Select(scope => scope.Value).SequenceEqual([WebhooksScope])
        && claims.FindAll(CustomerId).Select(customer => customer.Value).ToArray() is [var customerId] && Ids.IsValid(customerId)
            ? customerId
            : null;

    private string Create(Dictionary<string, object> claims, DateTimeOffset now, TimeSpan lifetime) => _tokens.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = Audience,
        IssuedAt = now.UtcDateTime,
        NotBefore = now.UtcDateTime,
        Expires = (now + lifetime).UtcDateTime,
        Claims = claims,
        SigningCredentials = _signing ?? throw new InvalidOperationException("Set Auth__Jwt__SigningKeys__0 to a key of at least 32 bytes."),
    });

    private async Task<ClaimsIdentity?> VerifyAsync(string token)
    {
        if (_signing is null) return null;
        var result = await _tokens.ValidateTokenAsync(token, _rules);
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt } && !IsCritical(jwt) ? result.ClaimsIdentity : null;
    }

    // `crit` names extensions that a verifier must understand, or refuse the token (RFC 7515, 4.1.11). None is understood here, and the library ignores it.
    private static bool IsCritical(JsonWebToken token)
    {
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(token.EncodedHeader));
        return header.RootElement.TryGetProperty("crit", out _);
    }

    private bool IsCurrent(DateTime? notBefore, DateTime? expires)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        return expires > now - ClockSkew && (notBefore is null || notBefore <= now + ClockSkew);
    }
}
