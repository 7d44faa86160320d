namespace Deployment;

/// <summary>Something that is done to the cluster.</summary>
internal sealed record Step(string Name, Func<CancellationToken, Task> DoAsync);

/// <summary>What a cluster does to a system, and its operator.</summary>
internal static class Steps
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private static readonly string[] Services = ["ingest-api", "query-api", "processor-worker", "portal"];

    public static IEnumerable<Step> All(Cluster cluster, string newTag, TimeProvider clock) =>
    [
        new("nothing, 20 s", stop => Task.Delay(TimeSpan.FromSeconds(20), clock, stop)),
        new("rolling upgrade", stop => UpgradeAsync(cluster, newTag, stop)),
        .. Services.Select(service => new Step($"each pod of {service} killed", stop => KillEachAsync(cluster, service, clock, stop))),
        new("redis restarted", stop => EndServerAsync(cluster, "redis", "redis-cli -a \"$ConnectionStrings__REDIS_PASSWORD\" shutdown nosave", clock, stop)),
        new("broker restarted", stop => EndServerAsync(cluster, "broker", "kill -s TERM 1", clock, stop)),
        new("workers 1", stop => ScaleAsync(cluster, 1, stop)),
        new("workers 4", stop => ScaleAsync(cluster, 4, stop)),
        new("workers 2", stop => ScaleAsync(cluster, 2, stop)),
        new("postgres restarted", stop => EndServerAsync(cluster, "postgres", "kill -s INT 1", clock, stop)),
    ];

    private static async Task UpgradeAsync(Cluster cluster, string tag, CancellationToken stop)
    {
        await cluster.UpgradeAsync(tag, stop);
        foreach (var service in Services) await cluster.SettledAsync("deployment", service, stop);
    }

    // At once, as when the node dies.
    private static async Task KillEachAsync(Cluster cluster, string service, TimeProvider clock, CancellationToken stop)
    {
        foreach (var pod in await cluster.PodsOfAsync(service, stop))
        {
            await cluster.KubectlAsync(stop, "delete", "pod", pod, "--grace-period=0", "--force");
            await WholeAsync(cluster, service, clock, stop);
        }
    }

    // Not by `rollout status`, which has not heard of the death yet.
    private static async Task WholeAsync(Cluster cluster, string service, TimeProvider clock, CancellationToken stop)
    {
        const string Replicas = "jsonpath={.spec.replicas} {.status.readyReplicas} {.status.availableReplicas}";
        do
        {
            await Task.Delay(Look, clock, stop);
        }
        while ((await cluster.KubectlAsync(stop, "get", $"deployment/{service}", "-o", Replicas)).Split(' ').Distinct().Count() > 1);
    }

    // Its process ends and Kubernetes starts the container again in the same pod, whose data are kept: a pod of a server that has no volume would lose them.
    private static async Task EndServerAsync(Cluster cluster, string server, string command, TimeProvider clock, CancellationToken stop)
    {
        var before = await RestartsAsync(cluster, server, stop);

        // Its end is the command's end too, which kubectl may call a failure.
        try
        {
            await cluster.KubectlAsync(stop, "exec", $"{server}-0", "--", "sh", "-c", command);
        }
        catch (InvalidOperationException ended)
        {
            Console.WriteLine($"  {ended.Message.Split('\n')[0]}");
        }

        while (await RestartsAsync(cluster, server, stop) == before) await Task.Delay(Look, clock, stop);
        await cluster.KubectlAsync(stop, "wait", "--for=condition=Ready", $"pod/{server}-0", "--timeout=3m");
    }

    private static Task<string> RestartsAsync(Cluster cluster, string server, CancellationToken stop) =>
        cluster.KubectlAsync(stop, "get", "pod", $"{server}-0", "-o", "jsonpath={.status.containerStatuses[0].restartCount}");

    private static async Task ScaleAsync(Cluster cluster, int replicas, CancellationToken stop)
    {
        await cluster.KubectlAsync(stop, "scale", "deployment/processor-worker", $"--replicas={replicas}");
        await cluster.SettledAsync("deployment", "processor-worker", stop);
    }
}
