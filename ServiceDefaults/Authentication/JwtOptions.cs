using System.Text;

namespace ServiceDefaults.Authentication;

/// <summary>The access tokens that a login gives. Section <c>Auth:Jwt</c>.</summary>
public sealed class JwtOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Auth:Jwt";

    /// <summary>What AppHost/appsettings.json gives, so that a laptop needs no set-up. Everybody can read it: only Development takes it.</summary>
    public const string DevelopmentSigningKey = "development-jwt-signing-key-change-me";

    /// <summary>As long as the hash that it keys: a shorter one is weaker than the signature (RFC 7518, 3.2).</summary>
    internal const int MinKeyBytes = 32;

    /// <summary>
    /// The keys of the HMAC-SHA256, each 32 bytes of UTF-8 or more. The first signs, all verify: to rotate, put the new one first and keep the
    /// old one behind it for a <see cref="Lifetime"/>. Without any there are no tokens; users' API keys work nevertheless.
    /// </summary>
    public string[] SigningKeys { get; set; } = [];

    /// <summary>How long a token is accepted. It is not asked for in the database, so this is also how long one outlives its user's key.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    internal static bool IsLongEnough(string key) => Encoding.UTF8.GetByteCount(key) >= MinKeyBytes;
}
