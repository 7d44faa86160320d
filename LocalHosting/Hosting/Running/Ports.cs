using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Running;

/// <summary>
/// Gives every endpoint its ports before anything is started, none of them twice, neither here nor by another run on this machine: each is taken up
/// seconds later than it is given. (Picked at random, two of ten are the same in one start of 270, and two runs that start together have one in common in
/// a thousand.) So a run claims a hundred ports at a time, by a name that only one process can have: an abstract Unix socket (unix(7)), which the
/// kernel takes away however that process ends, and of which no file is left.
/// </summary>
internal sealed class Ports : IDisposable
{
    /// <summary>
    /// Below Linux's own range for outgoing connections (32768 and up): a port found there is not snatched by a client
    /// before the server has bound it.
    /// </summary>
    private const int First = 20_000, Blocks = 120, BlockSize = 100;

    private readonly List<Socket> _claims = [];
    private int _next;
    private int _end;

    /// <summary>A port that nobody has at this moment, and another each time.</summary>
    public int Free()
    {
        while (true)
        {
            if (_next == _end)
                ClaimBlock();
            var port = _next++;
            if (CanBind(port))
                return port;
        }
    }

    /// <param name="resource">Whose endpoints.</param>
    /// <param name="configuration">Where <c>LocalHosting:Ports:resource</c> may name another port.</param>
    /// <param name="useFixed">Whether AppHost.cs's ports are used: not in tests, where several systems run at once.</param>
    public void Allocate(IResource resource, IConfiguration configuration, bool useFixed)
    {
        foreach (var endpoint in resource.Plan.Endpoints)
        {
            endpoint.Ports.Clear();
            var asked = configuration.GetValue<int?>($"LocalHosting:Ports:{resource.Name}");
            var first = endpoint == resource.Plan.Endpoints[0] && asked is not null ? asked : useFixed ? endpoint.FixedPort : null;
            if (first is { } port && !CanBind(port))
                throw Taken(resource.Name, port);
            for (var replica = 0; replica < resource.Plan.Replicas; replica++)
                endpoint.Ports.Add(replica == 0 && first is not null ? first.Value : Free());
        }
    }

    /// <summary>Others may have those that were not taken up.</summary>
    public void Dispose() => _claims.ForEach(claim => claim.Dispose());

    // Any of them to begin with: who still calls at a port of the run before should not find another one's server there.
    private void ClaimBlock()
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
                (_next, _end) = (First + block * BlockSize, First + (block + 1) * BlockSize);
                return;
            }
            catch (SocketException)
            {
                claim.Dispose();
            }
        }
        throw new DistributedApplicationException($"No free port was found between {First} and {First + Blocks * BlockSize} on 127.0.0.1.");
    }

    private static bool CanBind(int port)
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

    private static DistributedApplicationException Taken(string resource, int port)
    {
        var holder = PortHolder.Find(port) is { } found ? $" by {found}" : "";
        return new($"Resource '{resource}' needs port {port}, which is taken{holder}. Nothing was started. Stop that process, or choose another port: --LocalHosting:Ports:{resource}={port + 1}");
    }
}
