using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Servers;

namespace LocalHosting.Running;

/// <summary>The AppHost as a person meets it: says what it does, shows when all is ready, ends on Ctrl-C, says why when it fails.</summary>
internal sealed class ConsoleRun(RunContext run, SystemRun system, IReadOnlyList<IResource> resources)
{
    /// <summary>False where it failed.</summary>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        var begun = run.Time.GetTimestamp();
        using var end = new EndSignal(run.Time);
        await using var _ = system;
        var count = resources.Count(Works.IsStarted);
        run.Screen.Say($"Starting {count} resource{(count == 1 ? "" : "s")} as plain processes (Orchestrator=local). {Kafka()}Logs of the servers: {run.Folder.Path}");
        try
        {
            await system.StartAsync(CancellationTokenSource.CreateLinkedTokenSource(ct, end.Token).Token);
            var over = Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(ct, end.Token).Token);
            var ready = system.Ready;
            if (await Task.WhenAny(ready, system.Failure, over) == ready && ready.IsCompletedSuccessfully)
                SayReady(begun);
            await Task.WhenAny(system.Failure, over);
        }
        catch (Exception e) when (e is DistributedApplicationException or IOException or UnauthorizedAccessException)
        {
            run.Screen.Fail(e.Message);
            return false;
        }
        catch (OperationCanceledException)
        {
            // Asked to end while still installing packages.
        }
        return await EndAsync(end);
    }

    private async Task<bool> EndAsync(EndSignal end)
    {
        var failed = system.Failure.IsCompleted && !end.Token.IsCancellationRequested;
        if (failed)
            run.Screen.Fail($"{Environment.NewLine}{await system.Failure}{Environment.NewLine}Everything else is taken down.");
        else
            run.Screen.Say($"Stopping ({end.Reason}).");
        await system.StopAsync();
        run.Screen.Say("Stopped; no process is left.");
        return !failed;
    }

    private void SayReady(long begun)
    {
        var fronts = resources.SelectMany(resource => resource.Plan.Endpoints.Where(endpoint => endpoint.External)
            .Select(endpoint => $"  {resource.Name}: {ProgramWork.Url(endpoint, endpoint.Port)}")).ToList();
        run.Screen.Say(string.Create(CultureInfo.InvariantCulture,
            $"{Environment.NewLine}Ready in {run.Time.GetElapsedTime(begun).TotalSeconds:0.0} s.{(fronts.Count == 1 ? " Front door:" : "")}"
            + $"{(fronts.Count == 1 ? fronts[0][fronts[0].IndexOf(' ', 2)..] : string.Concat(fronts.Select(f => Environment.NewLine + f)))}   Ctrl-C stops everything.{Environment.NewLine}"));
    }

    private string Kafka() => resources.OfType<KafkaServerResource>().FirstOrDefault() is not { } broker ? ""
        : KafkaChoice.For(broker.Name, run.Configuration, run.AppHostFolder) switch
        {
            KafkaChoice.External external => $"Kafka: external, {external.Bootstrap}. ",
            KafkaChoice.FromJars jars => $"Kafka: real, from {jars.Home}. ",
            _ => "Kafka: embedded, in memory (KAFKA_HOME=... for a real one). ",
        };
}
