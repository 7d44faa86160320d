using System.Text;

namespace ServiceDefaults.Authentication;

/// <summary>Credentials of callers. Section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Auth";

    /// <summary>The value in AppHost/appsettings.json, so that a laptop needs no set-up. It is public, so it is accepted in Development only.</summary>
    public const string DevelopmentAdminKey = "development-admin-key-change-me";

    /// <summary>
    /// True when no credential is required where none is configured. The default is true in Development and false elsewhere, where a service that
    /// would be open refuses to start.
    /// </summary>
    public bool? AllowAnonymous { get; set; }

    /// <summary>
    /// The API keys; any of them is accepted, so that one can be replaced without a gap. Each is the key itself (at least 16
    /// characters) or <c>sha256:</c> and the 64 hex digits of its SHA-256, which keeps the key out of the configuration. One or more
    /// make a key required, whatever <see cref="AllowAnonymous"/> says.
    /// </summary>
    public string[] ApiKeys { get; set; } = [];

    /// <summary>
    /// The keys for the paths below /admin, in the same forms. They are valid for all other paths too. Without any, /admin is closed, in Development too.
    /// </summary>
    public string[] AdminKeys { get; set; } = [];

    /// <summary>True when the service requires another credential instead (the webhook's signature). Set by code, not by configuration.</summary>
    public bool ProtectedOtherwise { get; set; }

    /// <summary>Whether endpoints that take an ordinary key are open to callers without one: none is configured, and that is meant.</summary>
    /// <param name="areProtectedOtherwise">Whether they check another credential themselves; then <see cref="ProtectedOtherwise"/> is enough.</param>
    internal bool LetsInWithoutKey(bool areProtectedOtherwise) =>
        ApiKeys.Length == 0 && (AllowAnonymous == true || (ProtectedOtherwise && areProtectedOtherwise));
}

/// <summary>Access tokens. Section <c>Auth:Jwt</c>.</summary>
public sealed class JwtOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Auth:Jwt";

    /// <summary>The value in AppHost/appsettings.json, so that a laptop needs no set-up. It is public, so it is accepted in Development only.</summary>
    public const string DevelopmentSigningKey = "development-jwt-signing-key-change-me";

    /// <summary>The size of the hash; a shorter key would be weaker than the signature (RFC 7518, 3.2).</summary>
    internal const int MinKeyBytes = 32;

    /// <summary>
    /// The keys of the HMAC-SHA256, each 32 bytes of UTF-8 or more. The first one signs, all verify: to rotate, put the new key first and keep the
    /// old one behind it for a <see cref="Lifetime"/>. Without any there are no tokens; users' API keys still work.
    /// </summary>
    public string[] SigningKeys { get; set; } = [];

    /// <summary>How long a token is accepted. Tokens are not looked up in the database, so one outlives its user's key by this time.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    internal static bool IsLongEnough(string key) => Encoding.UTF8.GetByteCount(key) >= MinKeyBytes;
}
