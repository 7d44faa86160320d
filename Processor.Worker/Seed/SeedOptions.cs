namespace Processor.Worker.Seed;

/// <summary>Settings of <c>--seed</c>. Section <c>Seed</c>.</summary>
internal sealed class SeedOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Seed";

    /// <summary>The file for the API keys. Default: .aspirewebhooks/credentials.txt in the home folder of the user who runs it.</summary>
    public string CredentialsFile { get; set; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".aspirewebhooks", "credentials.txt");

    /// <summary>The sandbox's inbox, which gets an endpoint; null for none.</summary>
    public string? InboxUrl { get; set; }

    /// <summary>That endpoint's secret, <c>whsec_...</c>: the sandbox has the same one (Inbox__Secrets__0).</summary>
    public string? InboxSecret { get; set; }
}
