namespace Processor.Worker.Seed;

/// <summary>What <c>--seed</c> does with the keys it makes. Section <c>Seed</c>.</summary>
internal sealed class SeedOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Seed";

    /// <summary>Where the keys are written. Default: .aspirewebhooks/credentials.txt in the home of whoever runs it, whatever folder they are in.</summary>
    public string CredentialsFile { get; set; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".aspirewebhooks", "credentials.txt");
}
