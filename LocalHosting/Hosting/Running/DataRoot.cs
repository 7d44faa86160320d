namespace LocalHosting.Running;

/// <summary>What outlives a run: <c>LocalHosting:DataFolder</c>, else a system folder for root, else one of the user's.</summary>
internal static class DataRoot
{
    public static string Path(RunContext run) => run.Configuration["LocalHosting:DataFolder"] is { Length: > 0 } given ? System.IO.Path.GetFullPath(given)
        : Environment.UserName == "root" ? "/var/lib/aspire-webhooks"
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "aspire-webhooks");
}
