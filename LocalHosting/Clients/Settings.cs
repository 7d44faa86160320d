using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace LocalHosting.Clients;

/// <summary>Settings read the way Aspire's packages read them: section, section:name, connection string; the later wins.</summary>
internal static class Settings
{
    public static void Bind(IHostApplicationBuilder builder, string section, string name, object settings)
    {
        builder.Configuration.GetSection(section).Bind(settings);
        builder.Configuration.GetSection($"{section}:{name}").Bind(settings);
    }

    /// <summary>The connection string, asked for when the client is first used: a program that never uses it needs none.</summary>
    public static string Needed(string? connectionString, string name) => connectionString is { Length: > 0 } ? connectionString
        : throw new InvalidOperationException($"There is no connection string '{name}'. Set the environment variable ConnectionStrings__{name}, or start this service by the AppHost, which does.");
}
