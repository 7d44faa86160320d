using LocalHosting.Servers;

// What a test process does, in a process that a test can kill: starts a server and goes on.   Probe postgres|redis|kafka
try
{
    await using var server = await (args[0] switch
    {
        "postgres" => LocalServer.StartPostgresAsync(),
        "redis" => LocalServer.StartRedisAsync(),
        _ => LocalServer.StartKafkaAsync("orders"),
    });
    Console.WriteLine($"listens at {server.Port}");
    await Task.Delay(Timeout.Infinite);
}
catch (InvalidOperationException refusal)
{
    Console.WriteLine(refusal.Message);
    Environment.ExitCode = 1;
}
