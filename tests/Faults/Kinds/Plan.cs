using Faults.Running;

namespace Faults.Kinds;

/// <summary>Faults that happen together, and the calm before them.</summary>
internal sealed record Step(IReadOnlyList<Fault> Faults, TimeSpan Calm, TimeSpan Apart)
{
    public override string ToString() => string.Join(" + ", Faults);
}

/// <summary>What goes wrong, and when: all from the seed.</summary>
internal static class Plan
{
    private const string Ingest = RunningSystem.Ingest, Worker = RunningSystem.Worker, Query = RunningSystem.Query;
    private const string Sandbox = RunningSystem.Sandbox;
    private const string Portal = RunningSystem.Portal, Postgres = RunningSystem.Postgres, Broker = RunningSystem.Broker, Redis = RunningSystem.Redis;

    /// <summary>How many of the short matrix's other faults a run has.</summary>
    private const int OthersInShort = 4;

    /// <summary>How many steps of the short matrix a run has that nobody asked for more.</summary>
    private const int Drawn = 5;

    /// <summary>
    /// The short matrix: what must hold on every commit. Each part is killed once; of the other sorts each run draws some by its seed, since all of them took
    /// as long as every other test together, and the machines that run the suite draw others each time. The long matrix has all.
    /// </summary>
    /// <param name="random">From the seed.</param>
    /// <param name="around">Which brokers, and whether links can be cut.</param>
    /// <param name="isWhole">False: a few steps of it, the kills of the worker and of PostgreSQL among them.</param>
    public static IReadOnlyList<Step> Short(Random random, Surroundings around, bool isWhole)
    {
        Fault killBroker = around.Cluster is not null
            ? new BrokersKilled(random.Next(3)) { Lasts = Seconds(random, 5, 6) }
            : new Kill(Broker) { Lasts = Seconds(random, 0.5, 2) };
        var killWorker = new Kill(Worker) { Lasts = Seconds(random, 0.5, 1.5) };
        var killPostgres = new Kill(Postgres) { Lasts = Seconds(random, 0.5, 2) };
        Fault[] kills =
        [
            killWorker, killPostgres, killBroker, new Kill(Ingest) { Lasts = Seconds(random, 0.5, 1.5) },
            new Kill(Query) { Lasts = Seconds(random, 0.5, 1.5) }, new Kill(Portal) { Lasts = Seconds(random, 0.5, 1.5) },
        ];
        Fault[] others =
        [
            new Terminate(Worker) { Lasts = Seconds(random, 0.2, 1) }, new Pause(Postgres) { Lasts = Seconds(random, 6, 8) },
            new ReadOnlyPrimary { Lasts = Seconds(random, 6, 8) }, new Vanished(Ingest) { Lasts = Seconds(random, 0.5, 1) },
            new Vanished(Worker) { Lasts = Seconds(random, 5, 6) },
            .. around.Cluster is null ? (Fault[])[new Pause(Broker) { Lasts = Seconds(random, 5, 6) }] : [],
            .. around.Network is null ? (Fault[])[] :
                [new Cut(Worker, Postgres) { Lasts = Seconds(random, 5, 6) }, new HalfOpen(Ingest, Postgres) { Lasts = Seconds(random, 5, 7) }],
        ];
        random.Shuffle(others);

        // Stripe is the worker's alone: webhooks and health see nothing of it, so it shares a step with what they see as little of.
        Fault[] withRedis = [new Kill(Redis) { Lasts = Seconds(random, 0.5, 2) }, new Pause(Sandbox) { Lasts = Seconds(random, 2, 3) }];
        Fault[] withClock =
        [
            new ClockAhead(Worker) { Lasts = Seconds(random, 3, 4) },
            .. around.Network is null ? (Fault[])[] : [new Cut(Worker, Sandbox) { Lasts = Seconds(random, 2, 3) }],
        ];
        Step[] all =
        [
            .. kills.Concat(others.Take(OthersInShort)).Select(fault => Alone(fault, random)), Together(withRedis), Together(withClock),
        ];
        random.Shuffle(all);
        return isWhole ? all : [.. all.OrderByDescending(step => step.Faults[0] == killWorker || step.Faults[0] == killPostgres).Take(Drawn)];

        Step Together(Fault[] faults) => Alone(faults[0], random) with { Faults = faults };
    }

    /// <summary>
    /// For charges: whatever they pass is killed, paused and cut off, each as often as Stripe has ways to fail. All of it is short: what is of interest is the
    /// moment at which it begins, and whether it lasts for longer than a lease.
    /// </summary>
    public static IReadOnlyList<Step> Charges(Random random, RunningSystem system, int times)
    {
        var steps = new List<Step>();
        for (var n = 0; n < times; n++)
        {
            var all = EveryFaultOfCharges(random, system).ToArray();
            random.Shuffle(all);
            steps.AddRange(all.Select(fault => new Step([fault], Seconds(random, 0.5, 2), TimeSpan.Zero)));
        }

        return steps;
    }

    private static IEnumerable<Fault> EveryFaultOfCharges(Random random, RunningSystem system)
    {
        foreach (var on in (string[])[Ingest, Worker, Worker, Query, Portal, Postgres, Broker, Redis])
            yield return new Kill(on) { Lasts = Seconds(random, 0.2, 2) };
        foreach (var on in (string[])[Ingest, Worker, Worker, Query, Postgres, Broker, Sandbox])
            yield return new Pause(on) { Lasts = Seconds(random, 3, 8) };
        foreach (var (client, server) in system.Around.Links)
        {
            yield return new Cut(client, server) { Lasts = Seconds(random, 1, 6) };
            yield return new HalfOpen(client, server) { Lasts = Seconds(random, 3, 6) };
        }

        yield return new Terminate(Worker) { Lasts = Seconds(random, 0.2, 1) };
        yield return new ReadOnlyPrimary { Lasts = Seconds(random, 3, 5) };
        yield return new Vanished(Worker) { Lasts = Seconds(random, 3, 5) };
        yield return new Vanished(Ingest) { Lasts = Seconds(random, 3, 5) };
    }

    /// <summary>The long matrix: everything alone, then two at once, as often as asked.</summary>
    public static IReadOnlyList<Step> Long(Random random, RunningSystem system)
    {
        var steps = new List<Step>();
        while (steps.Count < system.Settings.Skip + system.Settings.Count)
        {
            var singles = Everything(random, system).ToArray();
            random.Shuffle(singles);
            steps.AddRange(singles.Select(fault => Alone(fault, random)));
            steps.AddRange(Enumerable.Range(0, singles.Length).Select(_ => Pair(random, system)).OfType<Step>());
        }

        return [.. steps.Skip(system.Settings.Skip).Take(system.Settings.Count)];
    }

    /// <summary>Of every kind on everything it can be on.</summary>
    public static IEnumerable<Fault> Everything(Random random, RunningSystem system)
    {
        var around = system.Around;
        string[] services = [Ingest, Worker, Query, Portal];
        foreach (var on in (string[])[.. services, Postgres, Redis])
        {
            yield return new Kill(on) { Lasts = Seconds(random, 0.2, 10) };
            yield return new Terminate(on) { Lasts = Seconds(random, 0.2, 5) };
            yield return new Pause(on) { Lasts = Seconds(random, 5, random.Next(4) == 0 ? 60 : 15) };
        }

        if (system.Disk is not null) yield return new FullDisk { Lasts = Seconds(random, 5, 15) };
        if (around.Cluster is not null)
        {
            yield return new BrokersKilled(random.Next(Cluster.Nodes)) { Lasts = Seconds(random, 1, 20) };
            yield return new BrokersKilled(random.Next(Cluster.Nodes)) { Lasts = Seconds(random, 1, 20) };
            var spared = random.Next(Cluster.Nodes);
            yield return new BrokersKilled([.. Enumerable.Range(0, Cluster.Nodes).Where(node => node != spared)]) { Lasts = Seconds(random, 1, 20) };
        }
        else
        {
            yield return new Pause(Broker) { Lasts = Seconds(random, 5, random.Next(4) == 0 ? 60 : 15) };
            yield return new Kill(Broker) { Lasts = Seconds(random, 0.2, 15) };
            yield return new Terminate(Broker) { Lasts = Seconds(random, 0.2, 5) };
        }

        yield return new ReadOnlyPrimary { Lasts = Seconds(random, 5, 20) };
        foreach (var on in around.Cables.Keys) yield return new Vanished(on) { Lasts = Seconds(random, 5, 10) };
        foreach (var on in services) yield return new ClockAhead(on) { Lasts = Seconds(random, 3, 10) };
        foreach (var (client, server) in around.Links)
        {
            yield return new Cut(client, server) { Lasts = Seconds(random, 1, 15) };
            yield return new HalfOpen(client, server) { Lasts = Seconds(random, 5, 20) };
            yield return new Latency(client, server) { Lasts = Seconds(random, 5, 10) };
            yield return new Bandwidth(client, server) { Lasts = Seconds(random, 5, 10) };
        }
    }

    private static Step Alone(Fault fault, Random random) => new([fault], Seconds(random, 1, 2.5), TimeSpan.Zero);

    // Not twice on the same part: what is dead cannot be paused.
    private static Step? Pair(Random random, RunningSystem system)
    {
        var all = Everything(random, system).ToArray();
        random.Shuffle(all);
        var second = all.Skip(1).FirstOrDefault(other => !other.Parts.Intersect(all[0].Parts).Any());
        return second is null ? null : new Step([all[0], second], Seconds(random, 1, 2.5), Seconds(random, 0, 2));
    }

    private static TimeSpan Seconds(Random random, double from, double to) => TimeSpan.FromSeconds(from + (to - from) * random.NextDouble());
}
