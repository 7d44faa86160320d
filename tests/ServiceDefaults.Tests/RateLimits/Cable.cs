using System.Net;
using System.Net.Sockets;

namespace ServiceDefaults.Tests.RateLimits;

/// <summary>
/// The way to a server, to be cut (connections break, new ones end at once: the port stays its own) and to be blocked (connections stand, nothing passes).
/// </summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Socket> _ends = [];
    private readonly string _host;
    private readonly int _port;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private bool _isCut;
    private TaskCompletionSource _passes = Open();

    public Cable(string connectionString)
    {
        var parts = connectionString.Split(',', 2);
        (_host, _port) = (parts[0].Split(':')[0], int.Parse(parts[0].Split(':')[1]));
        _listener.Start();
        _ = AcceptAsync();
        ConnectionString = $"{_listener.LocalEndpoint},{parts[1]}";
    }

    /// <summary>Leads through here.</summary>
    public string ConnectionString { get; }

    public void Plug()
    {
        lock (_gate) _isCut = false;
    }

    public void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
            foreach (var end in _ends) end.Dispose();
            _ends.Clear();
        }
    }

    public void Block() => _passes = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Unblock() => _passes.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Unblock();
        _listener.Dispose();
        Cut();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await server.ConnectAsync(_host, _port);
                if (!Joins(client, server)) continue;
                _ = PumpAsync(client, server);
                _ = PumpAsync(server, client);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Put away.
        }
    }

    private bool Joins(Socket client, Socket server)
    {
        lock (_gate)
        {
            if (!_isCut)
            {
                _ends.AddRange([client, server]);
                return true;
            }
        }

        client.Dispose();
        server.Dispose();
        return false;
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await _passes.Task;
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut.
        }

        from.Dispose();
        to.Dispose();
    }
}
