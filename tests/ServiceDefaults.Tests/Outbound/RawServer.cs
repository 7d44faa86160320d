using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace ServiceDefaults.Tests.Outbound;

/// <summary>A server on 127.0.0.1 that answers as a receiver's would not: each connection is given to the test's function, and closed after it.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _connections = []; // The accepting task's, until that has ended.
    private readonly ConcurrentDictionary<EndPoint, TaskCompletionSource<int>> _counts = new();
    private readonly Task _accepting;

    private RawServer(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Answers each connection's first request with this text, and closes it.</summary>
    public static RawServer Answering(string answer) => Serving(async (stream, cancellationToken) =>
    {
        await ReadRequestAsync(stream, cancellationToken);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), cancellationToken);
    });

    public static RawServer Serving(Func<NetworkStream, CancellationToken, Task> serve) => new(serve);

    /// <summary>How many connections were made. It makes one of its own: those that came before are accepted before it.</summary>
    public async Task<int> CountConnectionsAsync()
    {
        using var own = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        own.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var count = _counts[own.LocalEndPoint!] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await own.ConnectAsync(_listener.LocalEndpoint);
        return await count.Task;
    }

    /// <summary>Reads to the end of the headers; empty when the client closed the connection instead.</summary>
    public static async Task<string> ReadRequestAsync(Stream stream, CancellationToken cancellationToken)
    {
        var request = new StringBuilder();
        var bytes = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(bytes, cancellationToken);
            if (read == 0) return "";
            request.Append(Encoding.Latin1.GetString(bytes, 0, read));
        }

        return request.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                if (!_counts.TryRemove(client.Client.RemoteEndPoint!, out var count)) _connections.Add(ServeAsync(client, serve));
                else using (client) count.SetResult(_connections.Count);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
        }
    }

    // Reads what the client still sends: a socket that is closed before would send a reset, and the client may then lose the answer. What the client broke off
    // is no fault of the server's.
    private async Task ServeAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> serve)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                await serve(stream, _end.Token);
                client.Client.Shutdown(SocketShutdown.Send);
                await stream.CopyToAsync(Stream.Null, _end.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or AuthenticationException)
            {
            }
        }
    }
}
