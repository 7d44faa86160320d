namespace ServiceDefaults.Authentication;

/// <summary>Who may call. Section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Auth";

    /// <summary>What AppHost/appsettings.json gives, so that a laptop needs no set-up. Everybody can read it: only Development takes it.</summary>
    public const string DevelopmentAdminKey = "development-admin-key-change-me";

    /// <summary>
    /// True: no credential is asked for where none is configured. Default: true in Development, false elsewhere, where a service that
    /// would be open refuses to start.
    /// </summary>
    public bool? AllowAnonymous { get; set; }

    /// <summary>
    /// The API keys that are accepted, any of them, so that one can be replaced without a gap. Each is the key itself (at least 16
    /// characters) or <c>sha256:</c> and the 64 hex digits of its SHA-256, which keeps the key out of the configuration. One or more
    /// make a key required, whatever <see cref="AllowAnonymous"/> says.
    /// </summary>
    public string[] ApiKeys { get; set; } = [];

    /// <summary>
    /// The keys that open the paths below /admin, in the same forms. They open everything else too; without one, nobody gets in there,
    /// also not in Development.
    /// </summary>
    public string[] AdminKeys { get; set; } = [];

    /// <summary>True when the service asks for another credential instead (the webhook's signature). Set by code, not by configuration.</summary>
    public bool ProtectedOtherwise { get; set; }
}
