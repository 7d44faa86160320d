using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Running;

namespace LocalHosting.Servers;

/// <summary>Somebody else's broker: nothing is started, it is only waited for. Its topics and settings are its owner's business.</summary>
internal sealed class ExternalKafkaWork(RunContext run, IResource resource, string bootstrap) : IWork
{
    public IReadOnlyList<Child> Children => [];

    public Task StartAsync(CancellationToken ct)
    {
        resource.Plan.ConnectionString.TrySetResult(bootstrap);
        return Task.CompletedTask;
    }

    public async Task<string> ReadyAsync(CancellationToken ct)
    {
        run.Screen.Say(resource.Name, $"waiting for the Kafka at {bootstrap} (ConnectionStrings:{resource.Name})");
        await run.PollAsync(token => KafkaProbe.AnyAnswersAsync(bootstrap, token), ct);
        return $"{bootstrap}, external Kafka";
    }

    public Task StopAsync() => Task.CompletedTask;
}
