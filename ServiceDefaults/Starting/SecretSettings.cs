using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Starting;

/// <summary>
/// A secret may be given under a name that deployers know for one: <c>ConnectionStrings__Auth__AdminKeys__0</c> is <c>Auth__AdminKeys__0</c>. Some, such as
/// aspirate, make a Secret of what begins with ConnectionStrings and write everything else in plain text (docs/deployment.md). A connection's name has no
/// <c>__</c> and is not in capitals, as <c>WEBHOOK_SECRET</c> is.
/// </summary>
internal static class SecretSettings
{
    private const string Section = "ConnectionStrings:";

    /// <summary>Adds them below all others: the setting's own name wins.</summary>
    public static void AddSecretSettings(this IHostApplicationBuilder builder)
    {
        var settings = builder.Configuration.AsEnumerable()
            .Where(setting => setting.Value is not null && setting.Key.StartsWith(Section, StringComparison.OrdinalIgnoreCase))
            .Select(setting => KeyValuePair.Create(setting.Key[Section.Length..], setting.Value))
            .Where(setting => setting.Key.Contains(':', StringComparison.Ordinal) || setting.Key.All(c => c is '_' or (>= 'A' and <= 'Z')));
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = [.. settings] });
    }
}
