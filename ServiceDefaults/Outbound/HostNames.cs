using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;

namespace ServiceDefaults.Outbound;

/// <summary>What a URL's host is: an address, in any way of writing one that some resolver reads, or a name.</summary>
internal static class HostNames
{
    /// <summary>The longest name (RFC 1035, 2.3.4), in characters.</summary>
    private const int MaxLength = 253;

    private const int MaxLabel = 63;

    /// <summary>Names of this machine (RFC 6761, 6.3).</summary>
    private const string Localhost = "localhost";

    /// <summary>Top-level names that no public DNS has: mDNS and Kubernetes (RFC 6762), private use (ICANN, 2024), homes (RFC 8375).</summary>
    private static readonly ImmutableArray<string> Internal = ["local", "internal", "home.arpa"];

    /// <summary>
    /// The address that the host writes out, decimal, octal, hexadecimal or short (<c>127.1</c>), with or without a dot behind it; null for a name.
    /// </summary>
    /// <param name="host">Without brackets. A zone (<c>%eth0</c>) is left out of the result.</param>
    public static IPAddress? AddressOf(string host)
    {
        var zone = host.IndexOf('%', StringComparison.Ordinal);
        return IPAddress.TryParse(zone < 0 ? WithoutDot(host) : host.AsSpan(0, zone), out var address) ? address : null;
    }

    /// <summary>
    /// The host in ASCII as far as its characters stand for some: circled, full-width and other digits, full-width and circled letters, ideographic full
    /// stops. So do browsers and .NET with ICU (IDNA, UTS 46); these services run without ICU's tables.
    /// </summary>
    public static string Fold(string host)
    {
        if (Ascii.IsValid(host)) return host;
        var folded = new StringBuilder(host.Length);
        foreach (var rune in host.EnumerateRunes()) Append(folded, rune);
        return folded.ToString();
    }

    /// <summary>Whether the last label is a number. No top-level domain is (RFC 3696, 2), and some resolvers read such a host as an address.</summary>
    public static bool EndsInNumber(string host)
    {
        var last = WithoutDot(host).Split('.')[^1];
        return last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? last[2..].All(char.IsAsciiHexDigit) : last.All(char.IsAsciiDigit);
    }

    /// <summary>Whether it has the form of a name: labels of 1 to 63 letters, digits, <c>-</c> and <c>_</c>, 253 characters at most.</summary>
    public static bool IsName(string host)
    {
        var name = WithoutDot(host);
        return name.Length is > 0 and <= MaxLength
            && name.Split('.').All(label => label.Length is > 0 and <= MaxLabel && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }

    /// <summary>
    /// Why a name is refused whatever it resolves to; null when its addresses decide. Internal names are left to their addresses where networks are allowed:
    /// <c>shop.svc.cluster.local</c> is a receiver then.
    /// </summary>
    public static string? WhyRefused(string name, OutboundOptions options)
    {
        name = WithoutDot(name);
        if (IsOrIsBelow(name, Localhost)) return options.AllowLoopback == true ? null : "this machine's own name";
        if (options.AllowedNetworks.Length > 0) return null;
        return Internal.FirstOrDefault(top => IsOrIsBelow(name, top)) is { } internalName ? $"{internalName} names are for private networks" : null;
    }

    private static bool IsOrIsBelow(string name, string top) =>
        name.EndsWith(top, StringComparison.OrdinalIgnoreCase) && (name.Length == top.Length || name[^(top.Length + 1)] == '.');

    private static string WithoutDot(string host) => host.EndsWith('.') ? host[..^1] : host;

    private static void Append(StringBuilder folded, Rune rune)
    {
        var number = Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherNumber ? Rune.GetNumericValue(rune) : -1;
        if (rune.IsAscii) folded.Append((char)rune.Value);
        else if (number is >= 0 and < 100 && double.IsInteger(number)) folded.Append((int)number);
        else if (rune.Value is 0x3002 or 0xFF0E or 0xFF61) folded.Append('.');
        else if (rune.Value is >= 0xFF01 and <= 0xFF5E) folded.Append((char)(rune.Value - 0xFF01 + '!'));
        else if (rune.Value is >= 0x24B6 and <= 0x24CF) folded.Append((char)(rune.Value - 0x24B6 + 'a'));
        else if (rune.Value is >= 0x24D0 and <= 0x24E9) folded.Append((char)(rune.Value - 0x24D0 + 'a'));
        else folded.Append(rune);
    }
}
