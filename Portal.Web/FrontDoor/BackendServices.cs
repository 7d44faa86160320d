namespace Portal.Web.FrontDoor;

/// <summary>A service behind the front door.</summary>
/// <param name="Name">Its resource's name in AppHost.</param>
/// <param name="Role">What it is to a caller, who must not learn where it runs.</param>
/// <param name="Addresses">Where it listens; several are replicas that share the load.</param>
internal sealed record BackendService(string Name, string Role, IReadOnlyList<Uri> Addresses);

/// <summary>The services behind the front door, as <c>services__NAME__http__N</c> say where they are.</summary>
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

    /// <summary>Reads the addresses; throws, naming the setting, when a service has none or one that cannot be called.</summary>
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
