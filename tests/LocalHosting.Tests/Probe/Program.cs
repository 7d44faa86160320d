using LocalHosting.Servers;

// What a test process does, in a process that a test can kill: starts servers and goes on.   Probe postgres|redis|kafka...
var servers = new List<LocalServer>();
try
{
    foreach (var name in args)
    {
        servers.Add(await (name switch
        {
            "postgres" => LocalServer.StartPostgresAsync(),
            "redis" => LocalServer.StartRedisAsync(),
            _ => LocalServer.StartKafkaAsync("orders"),
        }));
        Console.WriteLine($"{name} listens at {servers[^1].Port}");
    }

    await Task.Delay(Timeout.Infinite);
}
catch (InvalidOperationException refusal)
{
    Console.WriteLine(refusal.Message);
    Environment.ExitCode = 1;
}
finally
{
    foreach (var server in servers) await server.DisposeAsync();
}
