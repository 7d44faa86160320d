using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ingest.Api.Tests;

/// <summary>HTTP by hand, for what no client would send.</summary>
internal static class RawHttp
{
    /// <summary>A POST of a webhook with these header lines instead of what would be right.</summary>
    public static Task<Answer> PostAsync(IngestService service, string headers, string body) =>
        SendAsync(service, $"POST {IngestService.Webhooks} HTTP/1.1\r\nHost: ingest\r\nConnection: close\r\n{headers}\r\n\r\n{body}");

    /// <summary>Sends exactly this and reads until the server closes.</summary>
    /// <param name="service">To whom.</param>
    /// <param name="request">Latin-1: every character a byte.</param>
    public static async Task<Answer> SendAsync(IngestService service, string request)
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port, cancelled);
        var sending = SendAllAsync(socket, Encoding.Latin1.GetBytes(request));
        var answer = await ReadAsync(socket);
        await sending;
        return Parse(answer);
    }

    private static async Task SendAllAsync(Socket socket, byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent), TestContext.Current.CancellationToken);
        }
        catch (SocketException)
        {
            // It has heard enough; what it says to that is read at the same time.
        }
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var answer = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is var count and > 0)
                answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (SocketException) when (answer.Length > 0)
        {
            // Closed with some of the request unread; the answer came before.
        }

        return answer.ToString();
    }

    private static Answer Parse(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"No HTTP answer: '{answer}'");
        var lines = answer[..end].Split("\r\n");
        var headers = lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        return new(int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), headers, answer[(end + 4)..]);
    }
}
