namespace Processor.Worker.Seed;

/// <summary>Settings of <c>--seed</c>. Section <c>Seed</c>.</summary>
internal sealed class SeedOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Seed";

    /// <summary>The file for the API keys. Default: .aspirewebhooks/credentials.txt in the home folder of the user who runs it.</summary>
    public string CredentialsFile { get; set; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".aspirewebhooks", "credentials.txt");
}
