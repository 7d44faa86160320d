namespace Portal.Web.FrontDoor;

/// <summary>A service behind the front door.</summary>
/// <param name="Name">Its resource's name in AppHost.</param>
/// <param name="Role">Its role in messages to callers, which do not reveal where it runs.</param>
/// <param name="Addresses">Its addresses; several are replicas that share the load.</param>
internal sealed record BackendService(string Name, string Role, IReadOnlyList<Uri> Addresses);

/// <summary>The services behind the front door, at the addresses <c>services__NAME__http__N</c>.</summary>
internal sealed class BackendServices(IReadOnlyList<BackendService> all)
{
    public const string Ingest = "ingest-api";
    public const string Query = "query-api";
    public const string Worker = "processor-worker";

    private static readonly (string Name, string Role)[] Known =
    [
        (Ingest, "webhook intake"),
        (Query, "transaction lookup"),
        (Worker, "background processing"),
    ];

    /// <summary>Every service, in the order of <c>/health</c>.</summary>
    public IReadOnlyList<BackendService> All { get; } = all;

    /// <summary>The service of that name.</summary>
    public BackendService this[string name] => All.Single(service => service.Name == name);

    /// <summary>Reads the addresses; throws, with the setting's name, when a service has none or an invalid one.</summary>
    public static BackendServices From(IConfiguration configuration) =>
        new([.. Known.Select(known => new BackendService(known.Name, known.Role, AddressesOf(known.Name, configuration)))]);

    private static Uri[] AddressesOf(string name, IConfiguration configuration)
    {
        var settings = configuration.GetSection($"services:{name}:http").GetChildren().ToArray();
        if (settings.Length == 0)
            throw new InvalidOperationException($"services__{name}__http__0 is missing. Set it to the base URL of {name}, such as http://localhost:5001.");

        return [.. settings.Select(setting => AddressOf(setting, name))];
    }

    private static Uri AddressOf(IConfigurationSection setting, string name) =>
        Uri.TryCreate(setting.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new InvalidOperationException(
                $"services__{name}__http__{setting.Key} is '{setting.Value}', which is not a base URL. Write it as http://HOST:PORT.");
}

/// <summary>Which service serves a path of the public base URL.</summary>
/// <param name="Path">A route pattern.</param>
/// <param name="Methods">The methods that exist there; the front door answers others with 405.</param>
/// <param name="Service">One of <see cref="BackendServices"/>.</param>
internal sealed record Route(string Path, string[] Methods, string Service);

/// <summary>The routes of the front door: writes go to Ingest.Api, reads to Query.Api, the worker's health to the worker.</summary>
internal static class Routes
{
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Get = [HttpMethods.Get];
    private static readonly string[] Delete = [HttpMethods.Delete];
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static IReadOnlyList<Route> Table { get; } =
    [
        new("/v1/webhooks/transactions", Post, BackendServices.Ingest),
        new("/v1/transactions", Read, BackendServices.Query),
        new("/v1/transactions/{transaction_id}", Read, BackendServices.Query),
        new("/api/v1/auth/login", Post, BackendServices.Ingest),
        new("/api/v1/users", Post, BackendServices.Ingest),
        new("/api/v1/users/{user_id}/rotate-key", Post, BackendServices.Ingest),
        new("/api/v1/users/{user_id}/balance", Read, BackendServices.Query),
        new("/api/v1/users/{user_id}/transactions", Read, BackendServices.Query),
        new("/api/v1/deposits", Post, BackendServices.Ingest),
        new("/api/v1/deposits", Read, BackendServices.Query),
        new("/api/v1/deposits/{id}", Read, BackendServices.Query),
        new("/api/v1/withdrawals", Post, BackendServices.Ingest),
        new("/api/v1/withdrawals", Read, BackendServices.Query),
        new("/api/v1/withdrawals/{id}", Read, BackendServices.Query),
        new("/webhooks/bank-callback", Post, BackendServices.Ingest),
        new("/admin/dead-letters", Read, BackendServices.Query),
        new("/admin/dead-letters/redrive", Post, BackendServices.Ingest),
        new("/admin/dead-letters/{id}", Delete, BackendServices.Ingest),
        new("/admin/dead-letters/{id}/redrive", Post, BackendServices.Ingest),
        new("/health/worker", Get, BackendServices.Worker),
    ];
}
