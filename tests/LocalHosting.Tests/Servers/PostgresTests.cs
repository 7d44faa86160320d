using LocalHosting.Servers;
using Npgsql;
using Support;

namespace LocalHosting.Tests.Servers;

public sealed class PostgresTests(PostgresTests.OneServer shared) : IClassFixture<PostgresTests.OneServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_data_are_kept_when_what_runs_it_is_killed_and_when_all_of_it_is()
    {
        var server = shared.Server;
        await QueryAsync(server.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS answer");

        Posix.Signal(server.ProcessId, Posix.Kill); // No wait for the server below it: the script that follows does that.
        await server.StartAgainAsync();
        Assert.Equal(42, await QueryAsync(server.ConnectionString, "SELECT answer FROM kept"));

        await server.KillAsync();
        await server.StartAgainAsync();
        Assert.Equal(42, await QueryAsync(server.ConnectionString, "SELECT answer FROM kept"));
    }

    [Fact]
    public async Task A_stale_postmaster_pid_is_no_obstacle_also_when_another_process_has_its_number()
    {
        var server = shared.Server;
        await server.KillAsync();

        // As after a power cut. PostgreSQL itself sees through it when the other process is not its own user's.
        string[] user = Environment.UserName == "root" ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : ["/usr/bin/env"];
        await using var other = Watched.Start(user[0], [.. user[1..], "/bin/bash", "-c", "echo runs; exec sleep 1000"]);
        await other.LineAsync("^runs");
        var file = Path.Combine(server.Folder, "data", "postmaster.pid");
        string[] lines = [$"{other.Id}", .. (await File.ReadAllLinesAsync(file, Ct))[1..]];
        await File.WriteAllLinesAsync(file, lines, Ct);

        await server.StartAgainAsync();

        Assert.Equal(1, await QueryAsync(server.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_second_one_on_the_same_data_is_told_who_has_them()
    {
        var server = shared.Server;
        await using var second = Watched.Start(Script.Postgres, [server.Folder, "1"], new() { ["POSTGRES_PASSWORD"] = "a", ["OWNER"] = "1" });

        Assert.Equal(1, await second.ExitAsync());

        await second.LineAsync($"in use by another AppHost, process {Environment.ProcessId}\\. .*--DataFolder=");
    }

    [Fact]
    public async Task Another_password_than_the_data_were_made_with_works_and_the_old_one_no_longer()
    {
        using var ports = new FreePorts();
        using var folder = new DataFolder();
        const string Other = "b'\\ \"c";
        await StopAsync(await StartAsync("first"));
        await using var second = await StartAsync(Other);

        Assert.Equal(1, await QueryAsync(second.ConnectionString, "SELECT 1"));
        await using var old = new NpgsqlConnection($"{ConnectionString(second.Port, "first")};Pooling=false");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => old.OpenAsync(Ct));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);

        async Task<Running> StartAsync(string password)
        {
            var port = ports.Next();
            var script = Watched.Start(Script.Postgres, [folder.Path, $"{port}"], new() { ["POSTGRES_PASSWORD"] = password, ["ENDS_WITH_STDIN"] = "1" });
            await script.LineAsync("ready to accept connections");
            return new(script, port, ConnectionString(port, password));
        }

        static async Task StopAsync(Running running)
        {
            running.Script.EndInput();
            await running.Script.ExitAsync();
            await running.DisposeAsync();
        }
    }

    [Fact]
    public async Task Its_password_is_on_no_command_line_in_no_environment_of_the_server_and_in_no_file()
    {
        var server = shared.Server;
        var password = new NpgsqlConnectionStringBuilder(server.ConnectionString).Password!;
        var script = server.ProcessId;
        var processes = Proc.ChildrenOf([script]).SelectMany(child => Proc.ChildrenOf([child]).Prepend(child)).ToList();

        // PostgreSQL's workers come and go meanwhile.
        Assert.Contains(processes, pid => Watched.CommandLine(pid) is [var command, ..] && command.EndsWith("/postgres", StringComparison.Ordinal));
        Assert.All(processes.Append(script), pid => Assert.DoesNotContain(password, string.Join(' ', Watched.CommandLine(pid))));
        foreach (var pid in processes.Where(pid => Watched.CommandLine(pid) is [var command, ..] && command.EndsWith("postgres", StringComparison.Ordinal)))
            Assert.DoesNotContain(password, Watched.ReadOrNothing($"/proc/{pid}/environ"));
        foreach (var file in Directory.EnumerateFiles(server.Folder).Where(file => Path.GetFileName(file) != "lock")) // .NET would want that lock.
            Assert.DoesNotContain(password, await File.ReadAllTextAsync(file, Ct));
    }

    [Fact]
    public async Task It_listens_on_loopback_alone_does_not_run_as_root_and_waits_for_the_disk_when_that_is_asked_of_it()
    {
        string folder;
        await using (var durable = await LocalServer.StartPostgresAsync(isDurable: true))
        {
            folder = durable.Folder;
            Assert.Equal("on", await QueryAsync(durable.ConnectionString, "SHOW fsync"));
            Assert.Equal("127.0.0.1", await QueryAsync(durable.ConnectionString, "SHOW listen_addresses"));
            if (Environment.UserName == "root") Assert.All(Proc.ChildrenOf([durable.ProcessId]).Where(IsServer), pid => Assert.NotEqual(0, Proc.UserOf(pid)));
        }

        Assert.False(Directory.Exists(folder));
        Assert.Equal("off", await QueryAsync(shared.Server.ConnectionString, "SHOW fsync"));
        Assert.Equal("127.0.0.1", await QueryAsync(shared.Server.ConnectionString, "SHOW listen_addresses"));

        static bool IsServer(int pid) => Proc.CommandLine(pid)[0].EndsWith("/postgres", StringComparison.Ordinal);
    }

    private static string ConnectionString(int port, string password) =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = "postgres", Password = password }.ConnectionString;

    // A server that starts again refuses who comes too early, and one that is being stopped may still take who comes.
    private static Task<object?> QueryAsync(string connectionString, string sql) => Eventually.GetAsync(
        async stop =>
        {
            try
            {
                await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
                await connection.OpenAsync(stop);
                await using var command = new NpgsqlCommand(sql, connection);
                return await command.ExecuteScalarAsync(stop) ?? "";
            }
            catch (PostgresException refusal) when (refusal.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown)
            {
                return null;
            }
            catch (NpgsqlException failure) when (failure is not PostgresException)
            {
                return null;
            }
        },
        answer => answer is not null, Ct);

    /// <summary>One server for all that do not need a new one. Whoever kills it starts it again.</summary>
    public sealed class OneServer : IAsyncLifetime
    {
        public LocalServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await LocalServer.StartPostgresAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    private sealed record Running(Watched Script, int Port, string ConnectionString) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Script.DisposeAsync();
    }
}
