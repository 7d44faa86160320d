using System.Net.Sockets;
using System.Text;

namespace LocalHosting.Servers;

/// <summary>Asks a Redis server for its PONG, with its password.</summary>
internal static class RedisProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Inline commands, as one would type them by telnet: https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands.</summary>
    public static async Task<bool> AnswersAsync(int port, string password, CancellationToken ct)
    {
        using var socket = new TcpClient();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(Timeout);
        try
        {
            await socket.ConnectAsync("127.0.0.1", port, limited.Token);
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {password}\r\nPING\r\nQUIT\r\n"), limited.Token);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return await reader.ReadLineAsync(limited.Token) == "+OK" && await reader.ReadLineAsync(limited.Token) == "+PONG";
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return false;
        }
    }
}
