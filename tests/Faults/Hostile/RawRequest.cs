using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Faults.Hostile;

/// <summary>What came back on a connection: status 0 when it was closed without an answer.</summary>
internal sealed record RawAnswer(int Status, string Text, int Answers);

/// <summary>Bytes on a socket, as no client library would send them.</summary>
internal static class RawRequest
{
    /// <summary>After an answer: what has not come by then does not come.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    public static byte[] Post(string path, byte[] body, string extra = "") =>
        [
            .. Encoding.Latin1.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n"
                + $"Connection: close\r\n{extra}\r\n"),
            .. body,
        ];

    public static byte[] Get(string path) => Get(path, "");

    public static byte[] Get(string path, string extra) =>
        Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{extra}\r\n");

    /// <summary>Sends it and reads until the other side closes, or has answered and says no more.</summary>
    /// <exception cref="TimeoutException">The other side hangs.</exception>
    public static async Task<RawAnswer> SendAsync(Uri door, byte[] request, TimeSpan limit, CancellationToken stop)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(stop);
        time.CancelAfter(limit);
        var received = new MemoryStream();
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, door.Port), time.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(request, time.Token);
            await ReadAsync(stream, received, time.Token);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Closed while we were still sending: as good an answer as any.
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"No end within {limit.TotalSeconds:0} s of: {Encoding.Latin1.GetString(request, 0, Math.Min(200, request.Length))}");
        }

        return Read(received);
    }

    private static async Task ReadAsync(NetworkStream stream, MemoryStream received, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            using var quiet = CancellationTokenSource.CreateLinkedTokenSource(stop);
            if (received.Length > 0) quiet.CancelAfter(Quiet);
            try
            {
                var count = await stream.ReadAsync(buffer, quiet.Token);
                if (count == 0) return;
                received.Write(buffer, 0, count);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static RawAnswer Read(MemoryStream received)
    {
        var text = Encoding.UTF8.GetString(received.ToArray());
        var answers = text.Split("HTTP/1.1 ").Length - 1;
        return new RawAnswer(answers > 0 && int.TryParse(text.AsSpan("HTTP/1.1 ".Length, 3), out var status) ? status : 0, text, answers);
    }
}
