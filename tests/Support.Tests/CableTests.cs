using System.Net;
using System.Net.Sockets;

namespace Support.Tests;

public sealed class CableTests : IAsyncDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly Cable _cable;
    private readonly int _port;

    public CableTests()
    {
        _server.Start();
        _port = ((IPEndPoint)_server.LocalEndpoint).Port;
        _cable = new Cable("127.0.0.1", _port);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silenced_connection_carries_nothing_not_even_its_end_and_a_new_one_works()
    {
        using var old = await ConnectAsync();
        using var oldAtServer = await _server.AcceptSocketAsync(Cancelled);
        await PassesAsync(old, oldAtServer);

        _cable.Silence();
        await oldAtServer.SendAsync("lost"u8.ToArray(), Cancelled);
        oldAtServer.Dispose();

        using var young = await ConnectAsync();
        using var youngAtServer = await _server.AcceptSocketAsync(Cancelled);
        await PassesAsync(young, youngAtServer);
        Assert.False(old.Poll(0, SelectMode.SelectRead)); // Neither bytes nor an end have come.
    }

    [Fact]
    public async Task The_server_hears_the_end_of_a_silent_connection_when_the_next_ones_are_silenced()
    {
        using var old = await ConnectAsync();
        using var oldAtServer = await _server.AcceptSocketAsync(Cancelled);
        await PassesAsync(old, oldAtServer); // The server may have accepted it before the cable knows that it is connected.
        _cable.Silence();
        _cable.Silence();

        Assert.True(await EndsAsync(oldAtServer));
        Assert.False(old.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task While_the_server_is_away_a_connection_ends_and_when_it_is_back_the_next_one_works()
    {
        _server.Stop();
        using var refused = await ConnectAsync();
        Assert.Equal(0, await refused.ReceiveAsync(new byte[1], Cancelled));

        using var again = new TcpListener(IPAddress.Loopback, _port);
        again.Start();
        using var taken = await ConnectAsync();
        using var atServer = await again.AcceptSocketAsync(Cancelled);
        await PassesAsync(taken, atServer);
    }

    public async ValueTask DisposeAsync()
    {
        await _cable.DisposeAsync();
        _server.Dispose();
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _cable.Port, Cancelled);
        return socket;
    }

    /// <summary>Whether a connection ends: in order, or by a reset, which is what a socket sends that is closed while it is read.</summary>
    private static async Task<bool> EndsAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], Cancelled) == 0;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    private static async Task PassesAsync(Socket from, Socket to)
    {
        await from.SendAsync("x"u8.ToArray(), Cancelled);
        var buffer = new byte[1];
        Assert.Equal(1, await to.ReceiveAsync(buffer, Cancelled));
        Assert.Equal((byte)'x', buffer[0]);
    }
}
