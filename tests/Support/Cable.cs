using System.Net;
using System.Net.Sockets;

namespace Support;

/// <summary>
/// A TCP link to a server on this machine that a test can disturb: cut it (connections break, new ones end at once), block it (connections stay
/// open, nothing passes until it is unblocked), or silence it (the open connections never carry anything again, as when a peer vanished, and new
/// ones work). It listens on a port of its own for as long as it lives. While the server is away, connections end at once.
/// </summary>
public sealed class Cable : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Link> _links = [];
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _host;
    private readonly int _port;
    private bool _isCut;
    private TaskCompletionSource _passes = Completed();

    /// <param name="host">The server's host.</param>
    /// <param name="port">The server's port.</param>
    public Cable(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The port to connect to instead of the server's, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Breaks all connections, and new ones as they come.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
            foreach (var link in _links) link.Dispose();
            _links.Clear();
        }
    }

    /// <summary>Lets new connections pass again.</summary>
    public void Plug()
    {
        lock (_gate) _isCut = false;
    }

    /// <summary>Holds everything back.</summary>
    public void Block() => _passes = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Passes on what was held back.</summary>
    public void Unblock() => _passes.TrySetResult();

    /// <summary>
    /// The open connections carry nothing from now on, not even their end. Those that were silent before end at the server, which has noticed by its
    /// keep-alive; otherwise it would keep a session for each as long as this lives.
    /// </summary>
    public void Silence()
    {
        lock (_gate)
        {
            foreach (var link in _links) link.Silence();
        }
    }

    public ValueTask DisposeAsync()
    {
        Unblock();
        _listener.Dispose();
        Cut();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ConnectAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private async Task ConnectAsync(Socket client)
    {
        client.NoDelay = true;
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var link = new Link(client, server);
        try
        {
            await server.ConnectAsync(_host, _port);
        }
        catch (SocketException)
        {
            link.Dispose(); // The server is away.
            return;
        }

        if (!Joins(link)) return;
        _ = PumpAsync(link, client, server);
        _ = PumpAsync(link, server, client);
    }

    private bool Joins(Link link)
    {
        lock (_gate)
        {
            if (!_isCut)
            {
                _links.Add(link);
                return true;
            }
        }

        link.Dispose();
        return false;
    }

    private async Task PumpAsync(Link link, Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await _passes.Task;
                if (!link.IsSilent) await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut.
        }

        if (!link.IsSilent) End(link);
    }

    private void End(Link link)
    {
        lock (_gate) _links.Remove(link);
        link.Dispose();
    }

    private sealed class Link(Socket client, Socket server) : IDisposable
    {
        private volatile bool _isSilent;

        public bool IsSilent => _isSilent;

        public void Silence()
        {
            if (_isSilent) server.Dispose();
            _isSilent = true;
        }

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
        }
    }
}
