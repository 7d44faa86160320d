using System.Net;
using System.Net.Sockets;

namespace ServiceDefaults.Tests.RateLimits;

/// <summary>
/// The way to a server, to be cut (connections break, new ones are refused) and to be blocked (connections stand, nothing passes).
/// </summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Socket> _ends = [];
    private readonly string _host;
    private readonly int _port;
    private readonly int _own;
    private TcpListener? _listener;
    private TaskCompletionSource _passes = Open();

    public Cable(string connectionString)
    {
        var parts = connectionString.Split(',', 2);
        (_host, _port) = (parts[0].Split(':')[0], int.Parse(parts[0].Split(':')[1]));
        Plug();
        _own = ((IPEndPoint)_listener!.LocalEndpoint).Port;
        ConnectionString = $"127.0.0.1:{_own},{parts[1]}";
    }

    /// <summary>Leads through here.</summary>
    public string ConnectionString { get; }

    public void Plug()
    {
        _listener = new TcpListener(IPAddress.Loopback, _own);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    public void Cut()
    {
        _listener?.Stop();
        lock (_gate)
        {
            foreach (var end in _ends) end.Dispose();
            _ends.Clear();
        }
    }

    public void Block() => _passes = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Unblock() => _passes.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Unblock();
        Cut();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await server.ConnectAsync(_host, _port);
                lock (_gate) _ends.AddRange([client, server]);
                _ = PumpAsync(client, server);
                _ = PumpAsync(server, client);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
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
