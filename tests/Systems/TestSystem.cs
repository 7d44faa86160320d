using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LocalHosting.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace Systems;

/// <summary>
/// The whole system as AppHost.cs describes it, by Aspire.Hosting.Testing: on data of its own, which go with it, on ports that no other run has, and without
/// telemetry, since no dashboard runs. What a test needs to be different it changes in the model, before anything is started.
/// </summary>
public sealed class TestSystem : IAsyncDisposable
{
    /// <summary>
    /// What goes wrong in a resource stands on the console already. With its defaults Aspire.Hosting.Testing writes every line of every resource, and a page
    /// about each health check that fails, which took processor time from what was tested.
    /// </summary>
    private static readonly string[] Quiet =
    [
        "--Logging:LogLevel:Default=Error", "--Logging:LogLevel:AppHost.Resources=None",
        "--Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks=None",
    ];

    /// <summary>As AppHost's launch settings say: programs of .NET start in 15-20 % less processor time.</summary>
    private static readonly (string Name, string Value)[] FastStart = [("DOTNET_EnableWriteXorExecute", "0"), ("DOTNET_TieredPGO", "0")];

    private readonly FreePorts _ports = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("aspire-webhooks-system-").FullName;
    private DistributedApplication? _app;
    private Processes? _processes;

    // PostgreSQL's user must get through to its own folder.
    private TestSystem() => File.SetUnixFileMode(_folder, (UnixFileMode)Convert.ToInt32("711", 8));

    public DistributedApplication App => _app!;

    public Processes Processes => _processes!;

    /// <summary>Starts it; returns when every service is ready.</summary>
    /// <param name="arguments">For the AppHost.</param>
    /// <param name="change">Changes the model.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<TestSystem> StartAsync(IEnumerable<string> arguments, Action<IDistributedApplicationBuilder> change, CancellationToken stop)
    {
        var system = new TestSystem();
        try
        {
            await system.ComposeAsync(arguments, change, stop);
            return system;
        }
        catch (OperationCanceledException exception) when (system._processes is { } processes)
        {
            var states = processes.Describe();
            await system.DisposeAsync();
            throw new TimeoutException($"The system was not ready in time: {states}", exception);
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of a service. Not Aspire's own, which writes lines about each request and puts new handlers under itself every two minutes.</summary>
    public HttpClient CreateClient(string service, TimeSpan timeout) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = App.GetEndpoint(service, "http"), Timeout = timeout };

    /// <summary>What a service is told of a database, a broker or the like; with PostgreSQL it has the password.</summary>
    public async Task<string> ConnectionStringAsync(string resource, CancellationToken stop) => (await App.GetConnectionStringAsync(resource, stop))!;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _processes?.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        _ports.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ComposeAsync(IEnumerable<string> arguments, Action<IDistributedApplicationBuilder> change, CancellationToken stop)
    {
        // Passwords that Aspire makes itself go into the user secrets of who runs the tests.
        string[] all =
        [
            "--Port=0", $"--DataFolder={_folder}", $"--Parameters:postgres-password={Secret()}", $"--Parameters:redis-password={Secret()}",
            .. _ports.Range(), .. Quiet, .. arguments,
        ];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(all, stop);
        builder.GiveServices([("OTEL_EXPORTER_OTLP_ENDPOINT", ""), ("Seed__CredentialsFile", Path.Combine(_folder, "credentials.txt")), .. FastStart]);
        change(builder);
        _app = await builder.BuildAsync(stop);
        _processes = new Processes(_app);
        await _app.StartAsync(stop);
        var services = _app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ProjectResource>();
        foreach (var service in services.Where(service => service.Annotations.OfType<HealthCheckAnnotation>().Any()))
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(service.Name, WaitBehavior.StopOnResourceUnavailable, stop);
    }

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
