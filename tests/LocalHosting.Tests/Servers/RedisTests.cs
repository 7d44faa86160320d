using System.Net.Sockets;
using System.Text;
using LocalHosting.Servers;
using Support;

namespace LocalHosting.Tests.Servers;

public sealed class RedisTests(RedisTests.OneServer shared) : IClassFixture<RedisTests.OneServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_who_has_its_password_and_nobody_else()
    {
        var server = shared.Server;

        Assert.Equal("+PONG", await LastAnswerAsync(server, $"AUTH {Password(server)}", "PING"));
        Assert.StartsWith("-NOAUTH", await LastAnswerAsync(server, "PING"));
        Assert.StartsWith("-WRONGPASS", await LastAnswerAsync(server, $"AUTH {Password(server)}x"));
    }

    [Theory]
    [InlineData("bind", "127.0.0.1")]
    [InlineData("save", "")]
    [InlineData("appendonly", "no")]
    public async Task It_listens_on_loopback_alone_and_writes_nothing_to_disk(string setting, string value)
    {
        var server = shared.Server;

        Assert.Equal(value, await LastAnswerAsync(server, $"AUTH {Password(server)}", $"CONFIG GET {setting}"));
    }

    [Fact]
    public async Task Its_password_is_on_no_command_line_and_in_no_environment_of_the_server_which_is_not_roots()
    {
        var server = shared.Server;
        var redis = Proc.ChildrenOf([server.ProcessId]).Single(pid => Proc.CommandLine(pid)[0].StartsWith("redis-server", StringComparison.Ordinal));

        Assert.DoesNotContain(Password(server), string.Join(' ', Proc.CommandLine(redis)));
        Assert.DoesNotContain(Password(server), string.Join(' ', Proc.CommandLine(server.ProcessId)));
        Assert.DoesNotContain(Password(server), await File.ReadAllTextAsync($"/proc/{redis}/environ", Ct));
        if (Environment.UserName == "root") Assert.NotEqual(0, Proc.UserOf(redis));
    }

    private static string Password(LocalServer server) => server.ConnectionString.Split("password=")[1];

    // Redis takes commands as plain lines. Of an answer in several lines (*2, $4, bind, $9, 127.0.0.1) the last one is given.
    private static async Task<string?> LastAnswerAsync(LocalServer server, params string[] commands)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", server.Port, Ct);
        using var reader = new StreamReader(socket.GetStream());
        string? answer = null;
        foreach (var command in commands)
        {
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), Ct);
            answer = await reader.ReadLineAsync(Ct);
            for (var lines = answer is ['*', .. var items] ? 2 * int.Parse(items) : 0; lines > 0; lines--) answer = await reader.ReadLineAsync(Ct);
        }

        return answer;
    }

    /// <summary>One server for all: none of them changes it.</summary>
    public sealed class OneServer : IAsyncLifetime
    {
        public LocalServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await LocalServer.StartRedisAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
