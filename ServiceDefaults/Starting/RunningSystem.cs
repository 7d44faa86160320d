using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Starting;

/// <summary>
/// The connection strings of the AppHost that was started last by this user, so that a command such as <c>--check-ledger</c> finds the running system. The
/// AppHost writes the file (LocalHosting), readable by its owner only.
/// </summary>
public static class RunningSystem
{
    /// <summary>The file: <c>~/.aspirewebhooks/current/connections.json</c>.</summary>
    public static string File { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
        ".aspirewebhooks", "current", "connections.json");

    /// <summary>Takes from it what no other setting gives; nothing while there is no such file. For commands, not for services.</summary>
    public static void AddRunningSystem(this IHostApplicationBuilder builder)
    {
        var source = new JsonConfigurationSource { Path = File, Optional = true };
        source.ResolveFileProvider();
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, source);
    }
}
