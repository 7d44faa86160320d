using System.Net;
using System.Net.Sockets;

namespace LocalHosting.EmbeddedKafka;

/// <summary>
/// Gives the mock cluster a port of our choosing: it takes a random one itself, so a broker that was killed and started again would be lost to its clients.
/// Copies bytes both ways.
/// </summary>
internal sealed class Forwarder : IDisposable
{
    private readonly TcpListener _listener;
    private readonly IPEndPoint _to;

    public Forwarder(int port, IPEndPoint to)
    {
        _to = to;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ForwardAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_to);
                client.NoDelay = server.NoDelay = true;
                await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
            }
            catch (SocketException)
            {
                // One side is gone; the other is closed with it.
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // As above.
        }
    }
}
