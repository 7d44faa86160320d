using System.Net.Sockets;
using System.Text;

namespace Portal.Web.Tests;

/// <summary>Says to a server what no HTTP client would.</summary>
internal static class RawHttp
{
    /// <summary>Sends the text as it is, and reads until the server closes.</summary>
    /// <param name="address">The server.</param>
    /// <param name="text">What to say; Latin-1.</param>
    /// <param name="hangUp">Then say no more: for a server that would otherwise wait for the rest.</param>
    public static async Task<string> SayAsync(Uri address, string text, bool hangUp = false)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        var answer = new StringBuilder();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);
            if (hangUp) socket.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            answer.Append(await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }
        catch (IOException)
        {
            // Reset: the server would hear no more. What it said before is kept by nobody; the test looks at the backend.
        }

        return answer.ToString();
    }
}
