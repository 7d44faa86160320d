using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Running;

/// <summary>
/// For tests that cut connections: what a server's clients are told in place of its own port, where a test has put a proxy that leads to it.
/// <c>LocalHosting:Proxies:webhooks:ingest-api=21000</c> is for one user of a database, <c>LocalHosting:Proxies:redis:ingest-api=21002</c> of a
/// Redis; <c>LocalHosting:Proxies:broker=21001</c> for all clients of a Kafka from jars, which names its port to them itself.
/// </summary>
internal static partial class Proxies
{
    public static int? PortFor(IConfiguration configuration, string server) => configuration.GetValue<int?>($"LocalHosting:Proxies:{server}");

    /// <summary>The connection string of a database or a Redis, for one of its users.</summary>
    public static string? Through(IConfiguration configuration, string server, string user, string? connectionString) =>
        connectionString is not null && PortFor(configuration, $"{server}:{user}") is { } port
            ? Port().Replace(connectionString, port.ToString(CultureInfo.InvariantCulture))
            : connectionString;

    // Npgsql's Port=, or StackExchange.Redis's host:port before its first comma.
    [GeneratedRegex(@"(?<=\bPort=)\d+|(?<=^[^,;=]+:)\d+(?=,|$)")]
    private static partial Regex Port();
}
