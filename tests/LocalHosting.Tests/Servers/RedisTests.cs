using System.Net.Sockets;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using LocalHosting.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using Support;

namespace LocalHosting.Tests.Servers;

public sealed class RedisTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_who_has_its_password_and_nobody_else()
    {
        await using var app = await StartAsync();
        var (port, password) = await WhereAsync(app);

        Assert.Equal("+PONG", await LastAnswerAsync(port, $"AUTH {password}", "PING"));
        Assert.StartsWith("-NOAUTH", await LastAnswerAsync(port, "PING"));
        Assert.StartsWith("-WRONGPASS", await LastAnswerAsync(port, $"AUTH {password}x"));
    }

    [Fact]
    public async Task It_listens_on_loopback_alone_and_writes_nothing_to_disk()
    {
        await using var app = await StartAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync($"{await app.GetConnectionStringAsync("redis", Ct)},allowAdmin=true");
        var server = redis.GetServer(redis.GetEndPoints().Single());

        Assert.Equal("127.0.0.1", await SettingAsync(server, "bind"));
        Assert.Equal("", await SettingAsync(server, "save"));
        Assert.Equal("no", await SettingAsync(server, "appendonly"));
    }

    [Fact]
    public async Task The_password_is_shown_nowhere_and_nobody_else_may_read_it()
    {
        await using var host = new HostProcess("limits");
        await host.ReadyAsync();

        var server = host.Alive.Single(pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains("redis-server", StringComparison.Ordinal));
        var settings = Path.Combine(Proc.Folder(server), "redis.conf");
        var password = (await File.ReadAllLinesAsync(settings, Ct)).Single(line => line.StartsWith("requirepass ", StringComparison.Ordinal)).Split(' ')[1];
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(settings));
        Assert.Equal(32, password.Length);
        Assert.DoesNotContain(password, host.Output);
        Assert.DoesNotContain(password, string.Join(' ', Proc.CommandLine(server)));
        Assert.DoesNotContain(password, await File.ReadAllTextAsync($"/proc/{server}/environ", Ct));
        if (Environment.UserName == "root") Assert.NotEqual(0, Proc.UserOf(server));
    }

    [Fact]
    public async Task It_is_gone_with_the_run_also_after_kill_9()
    {
        int server;
        await using (var app = await StartAsync()) server = Assert.Single(app.ProcessIds("redis"));
        Assert.False(Posix.IsAlive(server));

        await using var host = new HostProcess("limits");
        await host.ReadyAsync();
        host.Signal(Posix.SigKill);
        await host.NothingLeftAsync();
    }

    [Fact]
    public async Task A_service_starts_without_it_and_has_it_once_it_is_there()
    {
        using var ports = new LocalHosting.Running.Ports();
        await using var app = await StartAsync($"--LocalHosting:Ports:redis={ports.Free()}");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", await app.GetConnectionStringAsync("redis", Ct))]);
        builder.AddRedisClient("redis", configureOptions: options => options.AbortOnConnectFail = false);
        _ = Posix.Kill(Assert.Single(app.ProcessIds("redis")), Posix.SigKill);
        await app.WaitForExitAsync("redis", Ct);

        using var service = builder.Build();
        var health = service.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(Ct)).Entries["StackExchange.Redis"].Status);

        await app.StartAgainAsync("redis", Ct);
        await Eventually.TrueAsync(async stop => (await health.CheckHealthAsync(stop)).Status == HealthStatus.Healthy, Ct);
    }

    [Fact]
    public void A_missing_connection_string_is_named_when_it_is_needed()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddRedisClient("redis");
        using var service = builder.Build();

        Assert.Contains("ConnectionStrings__redis", Assert.Throws<InvalidOperationException>(service.Services.GetRequiredService<IConnectionMultiplexer>).Message);
    }

    private static async Task<DistributedApplication> StartAsync(params string[] args)
    {
        var builder = DistributedApplicationTestingBuilder.Create(args);
        builder.AddRedis("redis");
        var app = await builder.BuildAsync(Ct);
        await app.StartAsync(Ct);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("redis", Ct);
        return app;
    }

    private static async Task<(int Port, string Password)> WhereAsync(DistributedApplication app)
    {
        var parts = (await app.GetConnectionStringAsync("redis", Ct))!.Split(':', ',', '=');
        Assert.Equal(("127.0.0.1", "password"), (parts[0], parts[2]));
        return (int.Parse(parts[1]), parts[3]);
    }

    private static async Task<string?> LastAnswerAsync(int port, params string[] commands)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", port, Ct);
        using var reader = new StreamReader(socket.GetStream());
        string? answer = null;
        foreach (var command in commands)
        {
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), Ct);
            answer = await reader.ReadLineAsync(Ct);
        }
        return answer;
    }

    private static async Task<string> SettingAsync(IServer server, string name) => (await server.ConfigGetAsync(name)).Single().Value;
}
