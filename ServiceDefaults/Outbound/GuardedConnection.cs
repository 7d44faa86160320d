using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ServiceDefaults.Outbound;

/// <summary>
/// A connection that was not made, because the address is refused. The message names the host, the address and the reason: no path, query or header, where
/// secrets are.
/// </summary>
/// <param name="host">The URL's host.</param>
/// <param name="address">The refused address.</param>
/// <param name="why">The reason by <see cref="AddressRules"/>.</param>
public sealed class AddressRefusedException(string host, IPAddress address, string why) : Exception($"{host} is {address}, which is refused: {why}");

/// <summary>
/// The connections of outbound webhooks: to a customer's address, which may be an attacker's. A name is resolved once for a connection, every address is
/// judged (<see cref="AddressRules"/>), and the connection goes to the very address that was judged: DNS that changes in between changes nothing.
/// <para>
/// A name of which any address is refused is refused whole, though its other addresses could be connected to safely. Which of them is tried first is up to
/// DNS; this way the outcome is the same each time, the same as at creation, and somebody hears of a name that points into our network.
/// </para>
/// </summary>
public static class GuardedConnection
{
    /// <summary>How long connecting may take, all addresses and TLS together.</summary>
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    /// <summary>The most that an answer's headers may have, in KiB.</summary>
    public const int MaxHeadersKiB = 16;

    /// <summary>What the kernel keeps of an answer that nobody reads, in bytes. It would take up to 6 MB by itself.</summary>
    private const int ReceiveBufferBytes = 16 * 1024;

    /// <summary>A client for <see cref="SendOnce"/>, which limits the time itself.</summary>
    /// <param name="handler">By <see cref="NewHandler"/>. The client owns it.</param>
    public static HttpClient NewClient(SocketsHttpHandler handler) => new(handler) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>
    /// A handler whose connections are guarded. A refused address is an <see cref="AddressRefusedException"/> within an <see cref="HttpRequestException"/>, a
    /// refused certificate a <see cref="CertificateRefusedException"/>.
    /// </summary>
    /// <param name="options">What is allowed.</param>
    /// <param name="resolve">Gives a name's addresses: <see cref="Dns.GetHostAddressesAsync(string, CancellationToken)"/>.</param>
    /// <param name="clock">Limits the time for each address, and says whether a certificate has expired.</param>
    public static SocketsHttpHandler NewHandler(
        OutboundOptions options, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider clock) => new()
        {
            // A proxy would connect for us: only its own address would be judged (HTTP_PROXY in the environment is enough).
            UseProxy = false,

            // A redirected POST becomes a GET, and the page that it finds would count as delivered.
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,

            // Trace ids and baggage are ours. The span is made nevertheless.
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            ConnectTimeout = ConnectLimit,

            // New connections resolve the name again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = MaxHeadersKiB,

            // An answer that is not read to its end ends its connection. By default up to 1 MiB is read first, for up to 2 s, to use it again.
            MaxResponseDrainSize = 0,
            SslOptions = TlsOptions(clock),
            ConnectCallback = async (context, cancellationToken) =>
                await ConnectAsync(context.DnsEndPoint, options, resolve, clock, cancellationToken),
        };

    private static SslClientAuthenticationOptions TlsOptions(TimeProvider clock)
    {
        // A certificate names addresses to get its issuer from, and .NET would GET them, unjudged: http://169.254.169.254/ as well. So a server must send its
        // intermediate certificates, as TLS asks for (RFC 8446, 4.4.2).
        var policy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        return new()
        {
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            {
                if (errors != SslPolicyErrors.None)
                    throw new CertificateRefusedException(
                        CertificateFaults.Of(certificate, chain, errors, ((SslStream)sender).TargetHostName, clock.GetUtcNow()));
                return errors == SslPolicyErrors.None;
            },
        };
    }

    private static async Task<Stream> ConnectAsync(
        DnsEndPoint target, OutboundOptions options, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var addresses = HostNames.AddressOf(target.Host) is { } written ? [written] : await resolve(target.Host, cancellationToken);
        if (AddressRules.FirstRefused(addresses, options) is var (address, why)) throw new AddressRefusedException(target.Host, address, why);
        return await ConnectAsync(addresses, target.Port, clock, cancellationToken);
    }

    // One after the other, each for its part of the time that is left: an address without an answer leaves time for the next.
    private static async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var failure = new SocketException((int)SocketError.HostNotFound);
        foreach (var (index, address) in addresses.Index())
        {
            var left = ConnectLimit - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) break;
            try
            {
                return await ConnectAsync(new IPEndPoint(address, port), left / (addresses.Length - index), clock, cancellationToken);
            }
            catch (SocketException exception)
            {
                failure = exception;
            }
        }

        throw failure;
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint target, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            (socket.NoDelay, socket.ReceiveBufferSize) = (true, ReceiveBufferBytes);
            await socket.ConnectAsync(target, both.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
