namespace Portal.Web.Tests;

/// <summary>
/// A door with all its services behind it, started once for a test class: a start takes longer than a hundred requests, and the tables of routes and headers
/// have more than two hundred rows.
/// </summary>
public sealed class OpenDoor : IAsyncLifetime
{
    private static readonly string[] Services = ["ingest-api", "query-api", "processor-worker"];

    private readonly Dictionary<string, Backend> _backends = [];

    /// <summary>By the service's name.</summary>
    internal IReadOnlyDictionary<string, Backend> Backends => _backends;

    internal FrontDoor Door { get; private set; } = null!;

    /// <summary>What any of them received since <see cref="Forget"/>.</summary>
    internal IEnumerable<Received> Requests => _backends.Values.SelectMany(backend => backend.Requests);

    public async ValueTask InitializeAsync()
    {
        foreach (var name in Services) _backends[name] = await Backend.StartAsync(name);
        Door = Tests.FrontDoor.Open(_backends["ingest-api"].Address, _backends["query-api"].Address, _backends["processor-worker"].Address);
    }

    /// <summary>Drops what the test before sent. Tests of one class run one after another.</summary>
    internal void Forget()
    {
        foreach (var backend in _backends.Values) backend.Requests.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Door.DisposeAsync();
        foreach (var backend in _backends.Values) await backend.DisposeAsync();
    }
}
