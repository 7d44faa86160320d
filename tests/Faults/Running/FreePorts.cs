using System.Net;
using System.Net.Sockets;

namespace Faults.Running;

/// <summary>Ports of this machine, below those that Linux gives to clients and those that LocalHosting picks from.</summary>
internal sealed class FreePorts
{
    private const int First = 13_000, Count = 6_000;

    private int _given = Random.Shared.Next(Count);

    /// <summary>One that nobody has at this moment, and another each time: it is taken up later.</summary>
    public int Next()
    {
        while (true)
        {
            var port = First + (++_given % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
