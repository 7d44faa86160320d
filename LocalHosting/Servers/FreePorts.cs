using System.Net;
using System.Net.Sockets;

namespace LocalHosting.Servers;

/// <summary>
/// Ports of this machine, none given twice, neither here nor by another process that asks likewise: each is taken up some time after it was given. So a process
/// claims a hundred at a time by a name that only one can have, an abstract Unix socket (unix(7)), which goes with the process however that ends. Two runs
/// that start together and pick at random have a port in common once in a thousand pairs.
/// </summary>
public sealed class FreePorts : IDisposable
{
    /// <summary>
    /// Below those that Linux gives to outgoing connections (32768 and up), and above those that Aspire picks where a test says so (<see cref="Range"/>).
    /// </summary>
    private const int First = 20_000, Blocks = 120, BlockSize = 100;

    private readonly List<Socket> _claims = [];
    private int _next, _end;

    /// <summary>A port that no process has at this moment.</summary>
    public int Next()
    {
        while (true)
        {
            if (_next == _end) (_next, _end) = Claim();
            if (CanBind(_next++)) return _next - 1;
        }
    }

    /// <summary>A hundred ports for an AppHost to pick from, as its arguments.</summary>
    public string[] Range()
    {
        var (first, end) = Claim();
        return [$"--DcpPublisher:ProxylessEndpointPortRangeStart={first}", $"--DcpPublisher:ProxylessEndpointPortRangeEnd={end - 1}"];
    }

    /// <summary>Lets others have the ports.</summary>
    public void Dispose() => _claims.ForEach(claim => claim.Dispose());

    /// <summary>Whether a server could listen there now.</summary>
    internal static bool CanBind(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Any of them to begin with: a client that still calls a port of the run before should not find another's server there.
    private (int First, int End) Claim()
    {
        var any = Random.Shared.Next(Blocks);
        for (var i = 0; i < Blocks; i++)
        {
            var block = (any + i) % Blocks;
            var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                claim.Bind(new UnixDomainSocketEndPoint($"\0aspire-webhooks-ports-{block}"));
                _claims.Add(claim);
                return (First + block * BlockSize, First + (block + 1) * BlockSize);
            }
            catch (SocketException)
            {
                claim.Dispose();
            }
        }

        throw new InvalidOperationException($"No free ports were found between {First} and {First + Blocks * BlockSize}.");
    }
}
