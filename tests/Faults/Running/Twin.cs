using LocalHosting.Servers;
using Support;
using Systems;

namespace Faults.Running;

/// <summary>
/// Another process of a service that runs: on a port of its own and otherwise in its environment, which a test may change; of another build where asked.
/// </summary>
internal sealed class Twin : IAsyncDisposable
{
    private readonly OwnProcess _process;

    private readonly FreePorts _ports;

    private Twin(OwnProcess process, FreePorts ports, Uri address) => (_process, _ports, Address) = (process, ports, address);

    public Uri Address { get; }

    public Task Ended => _process.Ended;

    /// <param name="system">Where the service runs.</param>
    /// <param name="service">Its resource.</param>
    /// <param name="change">Changes its environment.</param>
    /// <param name="program">Of another build; null: the running one's.</param>
    /// <param name="hear">Is given each line that it writes.</param>
    public static async Task<Twin> StartAsync(
        RunningSystem system, string service, Action<Dictionary<string, string>>? change = null, string? program = null, Action<string>? hear = null)
    {
        var first = system.Pids(service)[0];
        var command = Proc.CommandLine(first);
        if (program is not null) command[0] = program;
        var ports = new FreePorts();
        var address = new Uri($"http://127.0.0.1:{ports.Next()}");
        var environment = Proc.Environment(first);
        environment["ASPNETCORE_URLS"] = address.ToString();
        change?.Invoke(environment);
        return new Twin(await OwnProcess.StartInAsync(environment, Proc.Folder(first), hear, ["--", .. command]), ports, address);
    }

    /// <summary>As in a rolling update: what is in hand is finished.</summary>
    public async Task TerminateAsync(TimeSpan patience)
    {
        Signals.Send(await _process.PidAsync(), Signals.Term);
        await Ended.WaitAsync(patience);
    }

    /// <summary>Whether it says that it is ready; no answer is no.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken stop)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var response = await http.GetAsync(new Uri(Address, "/health"), stop);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Its number.</summary>
    public Task<int> PidAsync() => _process.PidAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _ports.Dispose();
    }
}
