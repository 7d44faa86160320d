using LocalHosting.Processes;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Running;

/// <summary>What all resources of one run share.</summary>
/// <param name="Configuration">appsettings.json, environment, command line.</param>
/// <param name="AppHostFolder">The AppHost project's folder.</param>
/// <param name="Time">The clock.</param>
/// <param name="IsTest">Started by Aspire.Hosting.Testing: fresh data, free ports, quiet.</param>
internal sealed record RunContext(IConfiguration Configuration, string AppHostFolder, bool IsTest, TimeProvider Time) : IDisposable
{
    public RunFolder Folder { get; } = new();

    public Ports Ports { get; } = new();

    public StartingThread Thread { get; } = new();

    public required Screen Screen { get; init; }

    public void Dispose()
    {
        Thread.Dispose();
        Ports.Dispose();
        Folder.Delete();
    }

    /// <summary>Tries until <paramref name="attempt"/> succeeds; only for what has no signal to wait for.</summary>
    public async Task PollAsync(Func<CancellationToken, Task<bool>> attempt, CancellationToken ct)
    {
        while (!await attempt(ct))
            await Task.Delay(TimeSpan.FromMilliseconds(50), Time, ct);
    }
}
