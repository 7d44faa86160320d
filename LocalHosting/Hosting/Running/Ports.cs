using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Running;

/// <summary>
/// Gives every endpoint its ports before anything is started, none of them twice: each is taken up later than it is given. (Picked at random, two of ten are the
/// same in one start of 270.)
/// </summary>
internal sealed class Ports
{
    /// <summary>
    /// Below Linux's own range for outgoing connections (32768 and up): a port found there is not snatched by a client
    /// before the server has bound it. 12,000 ports and a random one to begin with keep two runs at the same time apart.
    /// </summary>
    private const int FirstFree = 20_000;
    private const int LastFree = 32_000;

    private int _given = Random.Shared.Next(LastFree - FirstFree);

    /// <summary>A port that nobody has at this moment, and another each time.</summary>
    public int Free()
    {
        for (var tries = 0; tries < 1000; tries++)
        {
            var port = FirstFree + (++_given % (LastFree - FirstFree));
            if (CanBind(port))
                return port;
        }
        throw new DistributedApplicationException($"No free port was found between {FirstFree} and {LastFree} on 127.0.0.1.");
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
