using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace SampleHost;

/// <summary>What LocalHosting/AppHost.targets writes for an AppHost's projects; the probe lies beside this program.</summary>
public sealed class Probe : IProjectMetadata
{
    public string ProjectPath => Path.Combine(AppContext.BaseDirectory, "Probe.csproj");

    public string AssemblyPath => Path.Combine(AppContext.BaseDirectory, "Probe.dll");
}

public static class Tables
{
    public static void Fill(IDistributedApplicationBuilder builder, string table)
    {
        switch (table)
        {
            case "services": Services(builder); break;
            case "order": Order(builder); break;
            case "dies": Dies(builder); break;
            case "fails-once": FailsOnce(builder); break;
            case "port": Port(builder); break;
            case "parameter": Parameter(builder); break;
            case "circle": Circle(builder); break;
            case "database": builder.AddPostgres("postgres").WithDataVolume().AddDatabase("webhooks"); break;
            case "broker": builder.AddKafka("broker"); break;
            case "limits": builder.AddRedis("redis"); break;
            case "stubborn": Stubborn(builder); break;
            default: throw new ArgumentException($"no table '{table}'");
        }
    }

    private static void Services(IDistributedApplicationBuilder builder)
    {
        var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("webhooks");
        var broker = builder.AddKafka("broker").WithKafkaUI();
        var delay = builder.AddParameter("processing-delay", "00:00:30");
        var once = Shell(builder, "once", "echo once runs").WithReference(database).WaitFor(database);
        var first = builder.AddProject<Probe>("first").WithHttpEndpoint(port: 8000).WithExternalHttpEndpoints().WithHttpHealthCheck("/health")
            .WithReference(database).WithReference(broker).WithEnvironment("Processing__Delay", delay).WaitForCompletion(once);
        builder.AddProject<Probe>("second").WithHttpEndpoint(env: "MY_PORT").WithHttpHealthCheck("/health").WithReplicas(2)
            .WithReference(first).WaitFor(first).WaitFor(broker).WithEnvironment("First__Url", first.GetEndpoint("http"));
    }

    private static void Order(IDistributedApplicationBuilder builder)
    {
        var migrations = Shell(builder, "migrations", "sleep 0.3; echo migrated");
        var slow = builder.AddProject<Probe>("slow").WithArgs("--unwell=3").WithHttpEndpoint().WithHttpHealthCheck("/health").WaitForCompletion(migrations);
        Shell(builder, "last", "echo last runs; sleep 1000").WaitFor(slow);
    }

    private static void Dies(IDistributedApplicationBuilder builder)
    {
        var well = builder.AddProject<Probe>("well").WithHttpEndpoint().WithHttpHealthCheck("/health");
        builder.AddProject<Probe>("ill").WithArgs("--dies=3").WithHttpEndpoint().WithHttpHealthCheck("/health").WaitFor(well);
        Shell(builder, "other", "sleep 1000");
    }

    private static void FailsOnce(IDistributedApplicationBuilder builder)
    {
        var migrations = Shell(builder, "migrations", "echo no such table >&2; exit 4");
        Shell(builder, "after", "echo after runs; sleep 1000").WaitForCompletion(migrations);
    }

    private static void Port(IDistributedApplicationBuilder builder)
    {
        Shell(builder, "early", "echo early runs; sleep 1000");
        builder.AddProject<Probe>("web").WithHttpEndpoint(port: builder.Configuration["port"] is { } port ? int.Parse(port) : null)
            .WithExternalHttpEndpoints().WithHttpHealthCheck("/health");
    }

    private static void Parameter(IDistributedApplicationBuilder builder)
    {
        var key = builder.AddParameter("api-key", secret: true);
        Shell(builder, "uses", "echo key has ${#KEY} letters; sleep 1000").WithEnvironment("KEY", key);
    }

    private static void Circle(IDistributedApplicationBuilder builder)
    {
        var one = Shell(builder, "one", "sleep 1000");
        var two = Shell(builder, "two", "sleep 1000").WaitFor(one);
        one.WaitFor(two);
    }

    /// <summary>A script with a child of its own, and a service: whatever is stopped, nothing of it may stay.</summary>
    private static void Stubborn(IDistributedApplicationBuilder builder)
    {
        builder.AddPostgres("postgres").AddDatabase("webhooks");
        builder.AddProject<Probe>("web").WithHttpEndpoint().WithHttpHealthCheck("/health");
        Shell(builder, "script", "sleep 1000; echo never");
    }

    private static IResourceBuilder<ExecutableResource> Shell(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "/bin/sh", "/", "-c", script);
}
