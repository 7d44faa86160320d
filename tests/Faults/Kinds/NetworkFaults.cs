using Faults.Running;

namespace Faults.Kinds;

/// <summary>Something wrong with the network between a client and a server.</summary>
internal abstract class NetworkFault(string name, string client, string server) : Fault(name, client, server)
{
    protected string Link { get; } = Surroundings.LinkName(client, server);

    protected bool Takes(string service) => (client == "all" || service == client) && Needs(service, server);
}

/// <summary>Every connection is cut and new ones are refused.</summary>
internal sealed class Cut(string client, string server) : NetworkFault("cut", client, server)
{
    public override bool MakesUnready(string service) => Takes(service);

    public override Task BeginAsync(RunningSystem system, CancellationToken stop) => system.Around.Network!.SwitchAsync(Link, on: false);

    public override Task EndAsync(RunningSystem system, CancellationToken stop) => system.Around.Network!.SwitchAsync(Link, on: true);
}

/// <summary>Connections stay open and nothing gets through; in the end they are cut, as by a firewall that has forgotten them.</summary>
internal sealed class HalfOpen(string client, string server) : NetworkFault("half-open", client, server)
{
    public override bool MakesUnready(string service) => Takes(service);

    public override Task BeginAsync(RunningSystem system, CancellationToken stop) =>
        system.Around.Network!.AddToxicAsync(Link, "timeout", new { timeout = 0 });

    public override async Task EndAsync(RunningSystem system, CancellationToken stop)
    {
        // What was swallowed is not sent again: a connection that went on would have a hole in it, which TCP never has.
        await system.Around.Network!.SwitchAsync(Link, on: false);
        await system.Around.Network!.RemoveToxicAsync(Link, "timeout");
        await system.Around.Network!.SwitchAsync(Link, on: true);
    }
}

/// <summary>A far-away server.</summary>
internal sealed class Latency(string client, string server) : NetworkFault("latency 200+-100 ms", client, server)
{
    public override Task BeginAsync(RunningSystem system, CancellationToken stop) =>
        system.Around.Network!.AddToxicAsync(Link, "latency", new { latency = 200, jitter = 100 });

    public override Task EndAsync(RunningSystem system, CancellationToken stop) => system.Around.Network!.RemoveToxicAsync(Link, "latency");
}

/// <summary>A thin line: less than the load needs.</summary>
internal sealed class Bandwidth(string client, string server) : NetworkFault("4 kB/s", client, server)
{
    public override Task BeginAsync(RunningSystem system, CancellationToken stop) =>
        system.Around.Network!.AddToxicAsync(Link, "bandwidth", new { rate = 4 });

    public override Task EndAsync(RunningSystem system, CancellationToken stop) => system.Around.Network!.RemoveToxicAsync(Link, "bandwidth");
}

/// <summary>
/// The connections of a service to PostgreSQL are never cut and carry nothing any more, as when a machine or an entry of a firewall has vanished; new ones
/// work. Nothing mends them: the service must find out by its own time-outs. A worker's lasts for longer than its row counts as fresh (4 s), which then shows
/// whether it is still written.
/// </summary>
internal sealed class Vanished(string client) : Fault("vanished", client, RunningSystem.Postgres)
{
    public override Task BeginAsync(RunningSystem system, CancellationToken stop)
    {
        system.Around.Cables[client].Silence();
        return Task.CompletedTask;
    }

    public override Task EndAsync(RunningSystem system, CancellationToken stop) => Task.CompletedTask;
}
