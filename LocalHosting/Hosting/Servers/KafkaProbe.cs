using System.Buffers.Binary;
using System.Net.Sockets;

namespace LocalHosting.Servers;

/// <summary>Asks a broker which requests it takes (ApiVersions v0): the first thing any client does, and the least a serving broker answers.</summary>
internal static class KafkaProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Length, api key 18, version 0, correlation id 1, client id null: https://kafka.apache.org/protocol.</summary>
    private static readonly byte[] ApiVersions = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];

    /// <summary>Whether any broker of a bootstrap list answers.</summary>
    public static async Task<bool> AnyAnswersAsync(string bootstrap, CancellationToken ct)
    {
        foreach (var broker in bootstrap.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (await AnswersAsync(broker, ct))
                return true;
        }
        return false;
    }

    private static async Task<bool> AnswersAsync(string broker, CancellationToken ct)
    {
        var address = broker[(broker.LastIndexOf('/') + 1)..];
        var colon = address.LastIndexOf(':');
        var port = colon > 0 && int.TryParse(address[(colon + 1)..], out var given) ? given : 9092;
        using var socket = new TcpClient();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(Timeout);
        try
        {
            await socket.ConnectAsync(colon > 0 ? address[..colon] : address, port, limited.Token);
            var stream = socket.GetStream();
            await stream.WriteAsync(ApiVersions, limited.Token);
            var answer = new byte[10]; // length, correlation id, error code
            await stream.ReadExactlyAsync(answer, limited.Token);
            return BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(4)) == 1 && BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(8)) == 0;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return false;
        }
    }
}
