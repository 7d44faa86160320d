using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ServiceDefaults.Outbound;

/// <summary>A server whose certificate was refused.</summary>
/// <param name="words">What is wrong with it, such as <c>its certificate expired on 2026-01-14</c>.</param>
public sealed class CertificateRefusedException(string words) : Exception(words);

/// <summary>What is wrong with a server's certificate, in words for those who run the server.</summary>
internal static class CertificateFaults
{
    /// <summary>All faults in one sentence, such as <c>its certificate is not for hooks.example and is self-signed</c>.</summary>
    /// <param name="certificate">The server's.</param>
    /// <param name="chain">What was made of it: the server's first, then its issuers as far as they were found.</param>
    /// <param name="errors">What .NET says.</param>
    /// <param name="host">The name that was asked for.</param>
    /// <param name="now">Says whether it has expired or does not count yet.</param>
    public static string Of(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string host, DateTimeOffset now)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return "the server sent no certificate";
        var faults = new List<(string Whose, string Fault)>();
        foreach (var (depth, element) in (chain?.ChainElements.AsEnumerable() ?? []).Index())
            foreach (var status in element.ChainElementStatus)
                faults.Add((depth == 0 ? "its certificate" : "its issuer's certificate", Words(status.Status, element.Certificate, depth, now)));
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) faults.Insert(0, ("its certificate", $"is not for {host}"));
        if (faults.Count == 0) return "its certificate was refused";
        return string.Join(", and ", faults.Distinct().GroupBy(fault => fault.Whose)
            .Select(one => $"{one.Key} {string.Join(" and ", one.Select(fault => fault.Fault))}"));
    }

    private static string Words(X509ChainStatusFlags status, X509Certificate2 certificate, int depth, DateTimeOffset now) => status switch
    {
        X509ChainStatusFlags.NotTimeValid when certificate.NotAfter < now => "expired on " + Day(certificate.NotAfter),
        X509ChainStatusFlags.NotTimeValid when certificate.NotBefore > now => "counts from " + Day(certificate.NotBefore) + " only",
        X509ChainStatusFlags.NotTimeValid => "does not count now",
        X509ChainStatusFlags.UntrustedRoot when depth == 0 => "is self-signed",
        X509ChainStatusFlags.UntrustedRoot => "is not trusted here",
        X509ChainStatusFlags.PartialChain => "is of an authority that is not trusted here, or the server did not send its intermediate certificates",
        X509ChainStatusFlags.NotValidForUsage => "is not meant for servers",
        X509ChainStatusFlags.HasWeakSignature => "has a signature that is too weak",
        _ => $"was refused ({status})",
    };

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
