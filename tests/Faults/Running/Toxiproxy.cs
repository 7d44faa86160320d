using System.Net.Http.Json;
using LocalHosting.Servers;
using Support;

namespace Faults.Running;

/// <summary>
/// The network between two parts, to be cut: a toxiproxy-server with a proxy for each link (its HTTP API: https://github.com/Shopify/toxiproxy#http-api).
/// </summary>
internal sealed class Toxiproxy : IAsyncDisposable
{
    private readonly OwnProcess _server;
    private readonly FreePorts _ports;
    private readonly HttpClient _api;

    private Toxiproxy(OwnProcess server, FreePorts ports, int port)
    {
        (_server, _ports) = (server, ports);
        _api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>Where the program is: in TOXIPROXY_SERVER, in PATH, or in shared/tools beside or above the repository. Null: nowhere.</summary>
    public static string? Find() => SharedTool.Find("toxiproxy-server", "TOXIPROXY_SERVER");

    public static async Task<Toxiproxy> StartAsync(string program, FreePorts ports, CancellationToken stop)
    {
        var port = ports.Next();
        var proxies = new Toxiproxy(await OwnProcess.StartAsync(program, "-host", "127.0.0.1", "-port", $"{port}"), ports, port);
        await Eventually.TrueAsync(async token => (await proxies._api.GetAsync(new Uri("/version", UriKind.Relative), token)).IsSuccessStatusCode, stop);
        return proxies;
    }

    /// <summary>A link to <paramref name="upstream"/>; returns the port to connect to instead.</summary>
    public async Task<int> AddAsync(string link, int upstream)
    {
        var port = _ports.Next();
        await PostAsync("/proxies", new { name = link, listen = $"127.0.0.1:{port}", upstream = $"127.0.0.1:{upstream}", enabled = true });
        return port;
    }

    /// <summary>Off: its connections are cut, new ones refused.</summary>
    public Task SwitchAsync(string link, bool on) => PostAsync($"/proxies/{link}", new { enabled = on });

    /// <summary>Both ways. Types and attributes: https://github.com/Shopify/toxiproxy#toxics.</summary>
    public async Task AddToxicAsync(string link, string type, object attributes)
    {
        foreach (var stream in (string[])["upstream", "downstream"])
            await PostAsync($"/proxies/{link}/toxics", new { name = $"{type}_{stream}", type, stream, toxicity = 1.0, attributes });
    }

    public async Task RemoveToxicAsync(string link, string type)
    {
        foreach (var stream in (string[])["upstream", "downstream"])
            (await _api.DeleteAsync(new Uri($"/proxies/{link}/toxics/{type}_{stream}", UriKind.Relative))).EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    private async Task PostAsync<T>(string path, T body)
    {
        using var response = await _api.PostAsJsonAsync(path, body);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"toxiproxy answers {path} with {await response.Content.ReadAsStringAsync()}");
    }
}
