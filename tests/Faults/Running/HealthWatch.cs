using Aspire.Hosting.Testing;
using Contracts;
using Support;

namespace Faults.Running;

/// <summary>What a service answered to a probe; status 0: nothing.</summary>
internal sealed record Probe(string Service, string Path, int Status, DateTimeOffset AskedAt, DateTimeOffset At);

/// <summary>Asks each service twice a second whether it is ready and alive, as an orchestrator does, at its own address.</summary>
internal sealed class HealthWatch(RunningSystem system, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500), Pulse = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Later than that by its own clock, this process (and with it often the whole machine) stood still, and nobody can be blamed for not having answered.
    /// </summary>
    private static readonly TimeSpan StoodStill = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Lock _lock = new();
    private readonly List<Probe> _probes = [];
    private DateTimeOffset _stoodStillUntil;

    public IReadOnlyList<Probe> Probes
    {
        get { lock (_lock) return [.. _probes]; }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        var watches = from service in RunningSystem.Services from path in (string[])["/health", "/alive"] select WatchAsync(service, path, stop);
        try
        {
            await Task.WhenAll(watches.Append(FeelPulseAsync(stop)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Enough seen.
        }
    }

    /// <summary>Waits until every service is ready, every partition has an owner, and a webhook sent since then is accepted.</summary>
    /// <exception cref="TimeoutException">Not within the bound; the message says what was missing at the end.</exception>
    public async Task UntilWellAsync(Func<bool> isAcceptedAgain, CancellationToken stop) =>
        await Eventually.GetAsync(token => MissingAsync(isAcceptedAgain, token), missing => missing.Length == 0, stop, Settings.Bound);

    private async Task<string> MissingAsync(Func<bool> isAcceptedAgain, CancellationToken stop)
    {
        var probes = await Task.WhenAll(RunningSystem.Services.Select(service => AskAsync(service, "/health", stop)));
        var missing = probes.Where(probe => probe.Status != 200).Select(probe => $"{probe.Service} answers {probe.Status}").ToList();
        if (!isAcceptedAgain()) missing.Add("no webhook is accepted");
        if (missing.Count == 0 && await WorkersAsync(stop) is var workers && workers != WholeGroup) missing.Add($"workers with partitions: {workers}");
        return string.Join(", ", missing);
    }

    private string WholeGroup => $"{system.Settings.Workers} with {Topics.Partitions}";

    /// <summary>By the workers' rows, which each writes every 2 s: all partitions are owned, each once.</summary>
    private async Task<string> WorkersAsync(CancellationToken stop) => await system.AskAsync<string>(
        "SELECT count(*) || ' with ' || coalesce(sum(partitions), 0) FROM worker_instances WHERE seen_at > now() - interval '4 s'", stop);

    public void Dispose() => _http.Dispose();

    private async Task WatchAsync(string service, string path, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            var probe = await AskAsync(service, path, stop);
            if (probe.Status == 0) await timer.WaitForNextTickAsync(stop); // The pulse has been felt by then.
            lock (_lock)
            {
                if (probe.Status != 0 || _stoodStillUntil < probe.AskedAt) _probes.Add(probe);
            }
        }
    }

    private async Task FeelPulseAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Pulse, clock);
        for (var last = clock.GetUtcNow(); await timer.WaitForNextTickAsync(stop); last = clock.GetUtcNow())
        {
            if (clock.GetUtcNow() - last < StoodStill) continue;
            lock (_lock) _stoodStillUntil = clock.GetUtcNow();
        }
    }

    private async Task<Probe> AskAsync(string service, string path, CancellationToken stop)
    {
        var asked = clock.GetUtcNow();
        try
        {
            using var response = await _http.GetAsync(new Uri(system.App.GetEndpoint(service, "http"), path), stop);
            return new Probe(service, path, (int)response.StatusCode, asked, clock.GetUtcNow());
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return new Probe(service, path, 0, asked, clock.GetUtcNow());
        }
    }
}
