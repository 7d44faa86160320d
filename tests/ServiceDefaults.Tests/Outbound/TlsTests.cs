using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ServiceDefaults.Outbound;

namespace ServiceDefaults.Tests.Outbound;

public class TlsTests
{
    private const string Host = "hooks.example";

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Theory(Timeout = 30_000)]
    [InlineData("1.3.6.1.5.5.7.3.1", null)]
    [InlineData("1.3.6.1.5.5.7.3.2", "TLS: its certificate is not meant for servers")]
    public async Task A_server_whose_authority_is_trusted_gets_its_webhook(string usage, string? words)
    {
        using var authority = NewCertificate("authority", Now.AddDays(-2), Now.AddDays(2), isAuthority: true);
        using var certificate = NewCertificate(Host, Now.AddDays(-1), Now.AddDays(1), issuer: authority, usage: usage);
        await using var receiver = Serving(certificate, "HTTP/1.1 204 No Content\r\n\r\n");
        using var sender = new Sender();
        var policy = sender.Handler.SslOptions.CertificateChainPolicy!;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.Add(authority);

        var result = await sender.PostAsync($"https://{Host}:{receiver.Port}/");

        Assert.Equal(words is null, result.IsDelivered);
        Assert.StartsWith(words ?? "", result.Failure?.Words ?? "", StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_self_signed_certificate_is_said_in_words()
    {
        using var certificate = NewCertificate(Host, Now.AddDays(-1), Now.AddDays(1));

        Assert.Equal("TLS: its certificate is self-signed", await FailAsync(certificate));
    }

    [Fact(Timeout = 30_000)]
    public async Task An_expired_certificate_is_said_in_words()
    {
        using var certificate = NewCertificate(Host, new(2019, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2020, 1, 14, 9, 0, 0, TimeSpan.Zero));

        Assert.Equal("TLS: its certificate expired on 2020-01-14 and is self-signed", await FailAsync(certificate));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_certificate_for_another_name_is_said_in_words()
    {
        using var certificate = NewCertificate("other.example", Now.AddDays(-1), Now.AddDays(1));

        Assert.Equal("TLS: its certificate is not for hooks.example and is self-signed", await FailAsync(certificate));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_certificate_of_an_unknown_authority_is_said_in_words()
    {
        using var authority = NewCertificate("authority", Now.AddDays(-2), Now.AddDays(2), isAuthority: true);
        using var certificate = NewCertificate(Host, Now.AddDays(-1), Now.AddDays(1), issuer: authority);

        Assert.Equal("TLS: its certificate is of an authority that is not trusted here, or the server did not send its intermediate certificates",
            await FailAsync(certificate));
    }

    [Fact]
    public void What_is_wrong_with_an_issuer_is_told_from_what_is_wrong_with_the_certificate()
    {
        using var authority = NewCertificate("authority", new(2019, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2020, 3, 1, 9, 0, 0, TimeSpan.Zero), isAuthority: true);
        using var certificate = NewCertificate(Host, new(2019, 1, 2, 0, 0, 0, TimeSpan.Zero), new(2020, 3, 1, 8, 0, 0, TimeSpan.Zero), issuer: authority);
        using var chain = new X509Chain { ChainPolicy = { RevocationMode = X509RevocationMode.NoCheck, VerificationTime = new DateTime(2020, 4, 1) } };
        chain.ChainPolicy.ExtraStore.Add(authority);
        Assert.False(chain.Build(certificate));

        Assert.Equal("its certificate expired on 2020-03-01, and its issuer's certificate expired on 2020-03-01 and is not trusted here", CertificateFaults.Of(
            certificate, chain, SslPolicyErrors.RemoteCertificateChainErrors, Host, new(2020, 4, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal("the server sent no certificate", CertificateFaults.Of(null, null, SslPolicyErrors.RemoteCertificateNotAvailable, Host, Now));
    }

    [Fact(Timeout = 30_000)]
    public async Task What_a_certificate_names_to_get_its_issuer_from_is_not_fetched()
    {
        await using var inside = RawServer.Answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        using var authority = NewCertificate("authority", Now.AddDays(-2), Now.AddDays(2), isAuthority: true);
        using var certificate = NewCertificate(Host, Now.AddDays(-1), Now.AddDays(1), issuer: authority, issuerUrl: $"http://127.0.0.1:{inside.Port}/latest");

        Assert.Contains("authority that is not trusted here", await FailAsync(certificate), StringComparison.Ordinal);
        Assert.Equal(0, await inside.CountConnectionsAsync());
    }

    [Fact(Timeout = 30_000)]
    public async Task A_server_without_TLS_is_said_in_words()
    {
        await using var receiver = RawServer.Serving((stream, cancellationToken) =>
            stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken).AsTask());

        Assert.Equal("TLS: the server does not speak TLS at that port", await FailAsync(receiver));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(70, "TLS: the server has no version of TLS that is accepted here")]
    [InlineData(40, "TLS: the server refused the handshake, as when it knows no common cipher")]
    [InlineData(112, "TLS: the server does not know that host name")]
    [InlineData(80, "TLS: the server ended the handshake")]
    public async Task An_alert_is_said_in_words(byte alert, string words)
    {
        await using var receiver = RawServer.Serving(async (stream, cancellationToken) =>
        {
            _ = await stream.ReadAsync(new byte[4096], cancellationToken);
            await stream.WriteAsync(new byte[] { 0x15, 3, 3, 0, 2, 2, alert }, cancellationToken); // RFC 8446, 6: fatal.
        });

        Assert.Equal(words, await FailAsync(receiver));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_handshake_that_the_server_ends_is_said_in_words()
    {
        await using var receiver = RawServer.Serving((stream, cancellationToken) => stream.ReadAsync(new byte[4096], cancellationToken).AsTask());

        Assert.Equal("TLS: the server ended the handshake", await FailAsync(receiver));
    }

    private static async Task<string> FailAsync(X509Certificate2 certificate)
    {
        await using var receiver = Serving(certificate, "");
        return await FailAsync(receiver);
    }

    private static RawServer Serving(X509Certificate2 certificate, string answer)
    {
        // Offline: this server does not fetch its own issuers either.
        var context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        return RawServer.Serving(async (stream, cancellationToken) =>
        {
            await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }, cancellationToken);
            await RawServer.ReadRequestAsync(tls, cancellationToken);
            await tls.WriteAsync(Encoding.Latin1.GetBytes(answer), cancellationToken);
        });
    }

    private static async Task<string> FailAsync(RawServer receiver)
    {
        using var sender = new Sender();
        var result = await sender.PostAsync($"https://{Host}:{receiver.Port}/");
        Assert.Equal((SendFailureKind.Tls, null), (result.Failure?.Kind, result.Status));
        return result.Failure!.Words;
    }

    private static X509Certificate2 NewCertificate(
        string name, DateTimeOffset from, DateTimeOffset until, bool isAuthority = false, X509Certificate2? issuer = null, string? issuerUrl = null,
        string? usage = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        if (isAuthority) request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        if (issuerUrl is not null) request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuerUrl]));
        if (usage is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        using var issued = issuer is null
            ? request.CreateSelfSigned(from, until)
            : request.Create(issuer, from, until, serialNumber: [1, 2, 3]).CopyWithPrivateKey(key);

        // SslStream wants a key that is in a store or was loaded.
        return X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), password: null);
    }
}
