using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;

namespace LocalHosting.Running;

/// <summary>A project or a program, in as many replicas as asked for.</summary>
internal sealed class ProgramWork(RunContext run, IResource resource) : IWork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // Health checks go to fresh processes of ours: no proxy, no waiting on one that accepted before it could answer.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Child?[] _replicas = new Child?[resource.Plan.Replicas];

    public IReadOnlyList<Child> Children => [.. _replicas.OfType<Child>()];

    public async Task StartAsync(CancellationToken ct)
    {
        for (var replica = 0; replica < _replicas.Length; replica++)
        {
            if (_replicas[replica] is { Exited.IsCompleted: false })
                continue;
            var command = await CommandAsync(replica, ct);
            var shownAs = _replicas.Length == 1 ? resource.Name : $"{resource.Name}/{replica + 1}";
            _replicas[replica] = await Child.StartAsync(run.Thread, command, line => run.Screen.Line(shownAs, line));
        }
    }

    public async Task<string> ReadyAsync(CancellationToken ct)
    {
        if (resource.Plan.Health is { } health)
        {
            var endpoint = resource.Plan.Endpoints.FirstOrDefault(e => e.Name == (health.Endpoint ?? e.Name)) ?? throw new DistributedApplicationException(
                $"Resource '{resource.Name}' has a health check but no HTTP endpoint. Give it one in AppHost.cs: .WithHttpEndpoint()");
            await Task.WhenAll(endpoint.Ports.Select(port => run.PollAsync(token => AnswersAsync(new Uri($"http://127.0.0.1:{port}{health.Path}"), health.Status, token), ct)));
        }
        return string.Join("  ", resource.Plan.Endpoints.SelectMany(endpoint => endpoint.Ports.Select(port => Url(endpoint, port))));
    }

    public Task StopAsync() => Task.WhenAll(Children.Select(child => child.StopAsync(Posix.SigTerm, Patience)));

    public static string Url(EndpointPlan endpoint, int port) => $"{endpoint.Scheme}://{(endpoint.External ? "localhost" : "127.0.0.1")}:{port}";

    private async Task<Command> CommandAsync(int replica, CancellationToken ct)
    {
        var environment = await ChildEnvironment.ForAsync(resource, replica, run.Configuration, ct);
        if (resource is ExecutableResource executable)
            return new(executable.Command, [.. resource.Plan.Args]) { WorkingDirectory = executable.WorkingDirectory, Environment = environment };

        var project = ((ProjectResource)resource).Metadata!;
        if (!File.Exists(project.AssemblyPath))
            throw new DistributedApplicationException($"Resource '{resource.Name}' has not been built: {project.AssemblyPath} is not there. Run: dotnet build {project.ProjectPath}");
        return new(Dotnet.Path, [project.AssemblyPath, .. resource.Plan.Args])
        {
            WorkingDirectory = Path.GetDirectoryName(project.ProjectPath)!,
            Environment = environment,
        };
    }

    private static async Task<bool> AnswersAsync(Uri url, int status, CancellationToken ct)
    {
        try
        {
            using var response = await Http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, ct);
            return (int)response.StatusCode == status;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
