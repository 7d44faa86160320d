using LocalHosting;
using Microsoft.Extensions.Configuration;

// AppHosts for tests, with what the real one has of LocalHosting. --table=... says which; each line "NAME ready" is Aspire's word.
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });
switch (builder.Configuration["table"])
{
    // Servers of every kind, a service, and one with a child of its own.
    case "servers":
        builder.AddPostgres("postgres").WithDataVolume().AddDatabase("webhooks");
        builder.AddRedis("redis").WithoutHttpsCertificate();
        builder.AddKafka("broker").WithKafkaUI();
        Shell("service", "exec sleep 1001");
        Shell("parent", "sleep 1000 & wait");
        break;

    case "database":
        builder.AddPostgres("postgres").WithDataVolume();
        break;

    // Two that fail at their start, each with one that waits for it, and two that are well.
    case "deaths":
        builder.AddKafka("broker");
        var ill = Shell("ill", "for i in {1..25}; do echo line $i; done; exit 3")
            .WithHttpEndpoint(isProxied: false, env: "PORT").WithHttpHealthCheck("/health");
        Shell("waits", "exec sleep 1000").WaitFor(ill);
        var migrations = Shell("migrations", "echo no such table >&2; exit 4");
        Shell("after", "exec sleep 1000").WaitForCompletion(migrations);
        Shell("service", "exec sleep 1001");
        break;

    case "port":
        Shell("early", "exec sleep 1000");
        Shell("web", "exec sleep 1000").WithHttpEndpoint(builder.Configuration.GetValue<int>("Port"), isProxied: false, env: "PORT");
        break;

    case var other:
        throw new ArgumentException($"There is no table '{other}'.");
}

builder.CheckPorts();
builder.RunServersWithoutContainers("orders");
builder.StartProgramsDirectly();
builder.PollHealthChecks();
builder.RestartWhatDies();
builder.WriteToConsole();
builder.Eventing.Subscribe<ResourceReadyEvent>((ready, _) =>
{
    Console.WriteLine($"{ready.Resource.Name} ready");
    return Task.CompletedTask;
});
builder.Build().RunUntilStopped();

IResourceBuilder<ExecutableResource> Shell(string name, string script) => builder.AddExecutable(name, "/bin/bash", "/", "-c", script);
