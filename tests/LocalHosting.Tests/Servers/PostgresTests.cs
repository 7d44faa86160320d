using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using LocalHosting.Processes;
using Npgsql;

namespace LocalHosting.Tests.Servers;

public sealed class PostgresTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_are_kept_between_runs_with_WithDataVolume_also_after_kill_9()
    {
        using var data = new DataFolder();
        await using (var first = new HostProcess("database", data.Arg))
        {
            await using var connection = await ConnectAsync(first, data);
            await ExecuteAsync(connection, "CREATE TABLE kept AS SELECT 42 AS answer");
            first.Signal(Posix.SigKill);
            // No wait for the former postmaster here: the next host does that itself.
        }
        await using (var second = new HostProcess("database", data.Arg))
        {
            await using var connection = await ConnectAsync(second, data);
            Assert.Equal(42, await ExecuteAsync(connection, "SELECT answer FROM kept"));
            second.Signal(Posix.SigTerm);
            Assert.Equal(0, await second.ExitAsync());
        }
    }

    [Fact]
    public async Task A_stale_postmaster_pid_is_no_obstacle()
    {
        using var data = new DataFolder();
        await using (var first = new HostProcess("database", data.Arg))
        {
            await first.ReadyAsync();
            var pidFile = Path.Combine(data.Postgres, "data", "postmaster.pid");
            _ = Posix.Kill(int.Parse(File.ReadLines(pidFile).First()), Posix.SigKill);
            first.Signal(Posix.SigKill);
            await first.NothingLeftAsync();
            // As after a power cut: another process has the number by now.
            var lines = await File.ReadAllLinesAsync(pidFile, Ct);
            lines[0] = $"{Environment.ProcessId}";
            await File.WriteAllLinesAsync(pidFile, lines, Ct);
        }
        await using var second = new HostProcess("database", data.Arg);
        await second.ReadyAsync();
    }

    [Fact]
    public async Task A_second_AppHost_on_the_same_data_is_told_who_has_them()
    {
        using var data = new DataFolder();
        await using var first = new HostProcess("database", data.Arg);
        await first.ReadyAsync();

        await using var second = new HostProcess("database", data.Arg);

        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains($"in use by another AppHost, process {first.Id}.", second.Output);
        Assert.Contains("--LocalHosting:DataFolder=", second.Output);
    }

    [Fact]
    public async Task The_password_is_shown_nowhere_and_nobody_else_may_read_it()
    {
        using var data = new DataFolder();
        await using var host = new HostProcess("database", data.Arg);
        await host.ReadyAsync();

        var file = Path.Combine(data.Postgres, "password");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.DoesNotContain((await File.ReadAllTextAsync(file, Ct)).Trim(), host.Output);
    }

    [Fact]
    public async Task Tests_get_a_fresh_set_that_is_gone_afterwards()
    {
        string folder;
        await using (var app = await StartAsync())
        {
            await using var connection = new NpgsqlConnection(await app.GetConnectionStringAsync("webhooks", Ct));
            await connection.OpenAsync(Ct);
            await ExecuteAsync(connection, "CREATE TABLE left_over ()");
            folder = (string)(await ExecuteAsync(connection, "SHOW data_directory"))!;
            Assert.Equal("off", await ExecuteAsync(connection, "SHOW fsync"));
            Assert.Equal("127.0.0.1", await ExecuteAsync(connection, "SHOW listen_addresses"));
        }
        Assert.False(Directory.Exists(Path.GetDirectoryName(Path.GetDirectoryName(folder))));

        await using var other = await StartAsync("--LocalHosting:Postgres:Durable=true");
        await using var second = new NpgsqlConnection(await other.GetConnectionStringAsync("webhooks", Ct));
        await second.OpenAsync(Ct);
        Assert.Equal(DBNull.Value, await ExecuteAsync(second, "SELECT to_regclass('left_over')::text"));
        Assert.Equal("on", await ExecuteAsync(second, "SHOW fsync"));
    }

    private static async Task<DistributedApplication> StartAsync(params string[] args)
    {
        var builder = DistributedApplicationTestingBuilder.Create(args);
        builder.AddPostgres("postgres").WithDataVolume().AddDatabase("webhooks");
        var app = await builder.BuildAsync(Ct);
        await app.StartAsync(Ct);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("webhooks", Ct);
        return app;
    }

    private static async Task<NpgsqlConnection> ConnectAsync(HostProcess host, DataFolder data)
    {
        var port = Regex.Match(await host.LineAsync(@"^postgres\s+ready"), @"127\.0\.0\.1:(\d+)").Groups[1].Value;
        await host.ReadyAsync();
        var password = (await File.ReadAllTextAsync(Path.Combine(data.Postgres, "password"), Ct)).Trim();
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=postgres;Password={password};Database=webhooks;Pooling=false");
        await connection.OpenAsync(Ct);
        return connection;
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Ct);
    }
}
