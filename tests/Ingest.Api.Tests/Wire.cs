using System.Net;
using System.Net.Sockets;

namespace Ingest.Api.Tests;

/// <summary>The network between a service and a server, for one test to cut and to mend: no other test's server goes away with it.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    private readonly int _server;
    private readonly Task _accepting;
    private TaskCompletionSource _flows = new();
    private bool _isCut;

    public Wire(int server)
    {
        _server = server;
        _flows.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where the service is to connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every connection is reset, and every new one.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
            foreach (var socket in _open) Reset(socket);
            _open.Clear();
        }
    }

    /// <summary>Connections stay and say nothing more, as with a server that hangs or a firewall that drops.</summary>
    public void Freeze()
    {
        lock (_gate) _flows = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Mend()
    {
        lock (_gate)
        {
            _isCut = false;
            _flows.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended before.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ConnectAsync(await _listener.AcceptSocketAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task ConnectAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        lock (_gate)
        {
            if (_isCut)
            {
                Reset(client);
                server.Dispose();
                return;
            }

            _open.AddRange([client, server]);
        }

        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server, _end.Token);
            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut while it connected.
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is var count and > 0)
            {
                await Flowing().WaitAsync(_end.Token);
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side has gone, and the other goes with it.
        }
    }

    private Task Flowing()
    {
        lock (_gate) return _flows.Task;
    }
}
