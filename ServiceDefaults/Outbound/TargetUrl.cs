using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServiceDefaults.Outbound;

/// <summary>
/// Whether an endpoint may have a URL, asked when it is created. It is an early answer, for people: what a name resolves to may change, so each connection is
/// judged again (<see cref="GuardedConnection"/>), and that is what protects.
/// </summary>
public static class TargetUrl
{
    /// <summary>The longest URL, in characters.</summary>
    public const int MaxLength = 2048;

    /// <summary>How long a name is resolved before it is accepted unresolved.</summary>
    private static readonly TimeSpan ResolveLimit = TimeSpan.FromSeconds(2);

    private const string Remedy = "Name a public address; networks of your own are allowed by Webhooks__AllowedNetworks__n";

    /// <summary>What ends a URL's authority (RFC 3986, 3.2).</summary>
    private static readonly SearchValues<char> AfterAuthority = SearchValues.Create("/?#");

    /// <summary>
    /// What is wrong with the URL, to be put behind the field's name (<c>must not point to 10.0.0.1, which is refused: private. ...</c>); null when it is
    /// acceptable. Its name, if it has one, is not resolved.
    /// </summary>
    public static string? Check(string text, OutboundOptions options)
    {
        if (text.Length is 0 or > MaxLength) return $"must have 1 to {MaxLength} characters";
        if (text.Any(IsUnfit)) return "must have no white space, line break, control or invisible character, or backslash; write %20 for a space";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !HasAllowedScheme(url, options))
            return options.AllowHttp == true
                ? "must be an absolute http or https address, such as https://shop.example/webhooks"
                : "must be an absolute https address, such as https://shop.example/webhooks; Webhooks__AllowHttp=true allows http";
        if (AuthorityOf(text).Contains('@')) return "must have no user name or password; sign with the endpoint's secret instead";
        if (text.Contains('#', StringComparison.Ordinal)) return "must have no fragment (#...): it is not sent to the server";
        if (url.Port == 0) return "must not have the port 0";
        return CheckHost(url.DnsSafeHost, options);
    }

    /// <summary>
    /// <see cref="Check"/>, and what its name resolves to now. A name that does not resolve, or not within 2 s, is accepted: its DNS may come later. One that
    /// resolves to any refused address is refused, as at the connection.
    /// </summary>
    /// <param name="text">The URL.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="resolve">Gives a name's addresses: <see cref="Dns.GetHostAddressesAsync(string, CancellationToken)"/>.</param>
    /// <param name="clock">Measures the 2 s.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<string?> CheckAsync(
        string text, OutboundOptions options, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (Check(text, options) is { } fault) return fault;
        var host = new Uri(text).DnsSafeHost;
        if (HostNames.AddressOf(host) is not null) return null;
        var refused = AddressRules.FirstRefused(await ResolveAsync(host, resolve, clock, cancellationToken), options);
        return refused is var (address, why) ? $"must not point to {host}, which is {address} and refused: {why}. {Remedy}" : null;
    }

    private static string? CheckHost(string host, OutboundOptions options)
    {
        var folded = HostNames.Fold(host);
        var written = folded == host ? host : $"{host} ({folded})";
        var address = HostNames.AddressOf(folded);
        if (address is null && HostNames.EndsInNumber(folded)) return $"must not point to {written}: it ends in a number as an address does, and is none";
        if (address is null && HostNames.WhyRefused(folded, options) is { } ours) return $"must not point to {written}: {ours}. {Remedy}";
        if (address is not null && AddressRules.WhyRefused(address, options) is { } why)
            return $"must not point to {written}, which is {address} and refused: {why}. {Remedy}";
        if (host.Contains('%', StringComparison.Ordinal)) return $"must have no zone in its address: {host} means something on one machine only";
        if (!Ascii.IsValid(host)) return $"must have its host in ASCII; write {host} as DNS has it, such as xn--bcher-kva.example";
        return address is not null || HostNames.IsName(host)
            ? null
            : $"must have a host name of labels of 1 to 63 letters, digits and hyphens, 253 characters at most; {host} is none";
    }

    // Uri drops the marks of direction silently, and turns a backslash into a slash: what is stored and shown would not be what is called.
    private static bool IsUnfit(char c) =>
        char.IsControl(c) || char.IsWhiteSpace(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format || c == '\\';

    private static bool HasAllowedScheme(Uri url, OutboundOptions options) =>
        url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && options.AllowHttp == true);

    private static ReadOnlySpan<char> AuthorityOf(string text)
    {
        var rest = text.AsSpan(text.IndexOf("://", StringComparison.Ordinal) + 3);
        var end = rest.IndexOfAny(AfterAuthority);
        return end < 0 ? rest : rest[..end];
    }

    private static async Task<IPAddress[]> ResolveAsync(
        string host, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return await resolve(host, cancellationToken).WaitAsync(ResolveLimit, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException)
        {
            return [];
        }
    }
}
