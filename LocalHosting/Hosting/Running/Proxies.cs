using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Running;

/// <summary>
/// For tests that cut connections: what a server's clients are told in place of its own port, where a test has put a proxy that leads to it.
/// <c>LocalHosting:Proxies:webhooks:ingest-api=21000</c> is for one user of a database; <c>LocalHosting:Proxies:broker=21001</c> for all
/// clients of a Kafka from jars, which names its port to them itself.
/// </summary>
internal static partial class Proxies
{
    public static int? PortFor(IConfiguration configuration, string server) => configuration.GetValue<int?>($"LocalHosting:Proxies:{server}");

    /// <summary>A database's connection string, for one of its users.</summary>
    public static string? Through(IConfiguration configuration, string server, string user, string? connectionString) =>
        connectionString is not null && PortFor(configuration, $"{server}:{user}") is { } port
            ? Port().Replace(connectionString, port.ToString(CultureInfo.InvariantCulture))
            : connectionString;

    [GeneratedRegex(@"(?<=\bPort=)\d+")]
    private static partial Regex Port();
}
