using ServiceDefaults.Starting;

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
            throw new SettingException($"services__{name}__http__0 is missing. Set it to the base URL of {name}, such as http://localhost:5001.");

        return [.. settings.Select(setting => AddressOf(setting, name))];
    }

    private static Uri AddressOf(IConfigurationSection setting, string name) =>
        Uri.TryCreate(setting.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new SettingException(
                $"services__{name}__http__{setting.Key} is '{setting.Value}', which is not a base URL. Write it as http://HOST:PORT.");
}

/// <summary>Which service serves a path of the public base URL.</summary>
/// <param name="Name">What it does, for <c>GET /</c>, in snake_case.</param>
/// <param name="Methods">The methods that exist there; the front door answers others with 405.</param>
/// <param name="Path">A route pattern.</param>
/// <param name="Service">One of <see cref="BackendServices"/>.</param>
internal sealed record Route(string Name, string[] Methods, string Path, string Service)
{
    /// <summary>
    /// The largest body, in bytes; the service has the same limit. The front door refuses what is larger by itself: a service that refuses it may close the
    /// connection while the body is still sent to it, and its 413 is then lost.
    /// </summary>
    public long MaxBodyBytes { get; init; } = FrontDoorFeature.MaxBodyBytes;
}

/// <summary>The routes of the front door: writes go to Ingest.Api, reads to Query.Api, the worker's health to the worker.</summary>
internal static class Routes
{
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Delete = [HttpMethods.Delete];
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>All of them. <c>GET /</c> lists them as they stand here.</summary>
    public static IReadOnlyList<Route> Table { get; } =
    [
        new("send_transaction", Post, "/v1/webhooks/transactions", BackendServices.Ingest) { MaxBodyBytes = FrontDoorFeature.MaxWebhookBytes },
        new("list_transactions", Read, "/v1/transactions", BackendServices.Query),
        new("get_transaction", Read, "/v1/transactions/{transaction_id}", BackendServices.Query),
        new("log_in", Post, "/api/v1/auth/login", BackendServices.Ingest),
        new("register_user", Post, "/api/v1/users", BackendServices.Ingest),
        new("list_users", Read, "/api/v1/users", BackendServices.Query),
        new("rotate_key", Post, "/api/v1/users/{user_id}/rotate-key", BackendServices.Ingest),
        new("get_balance", Read, "/api/v1/users/{user_id}/balance", BackendServices.Query),
        new("list_user_transactions", Read, "/api/v1/users/{user_id}/transactions", BackendServices.Query),
        new("deposit", Post, "/api/v1/deposits", BackendServices.Ingest),
        new("list_deposits", Read, "/api/v1/deposits", BackendServices.Query),
        new("get_deposit", Read, "/api/v1/deposits/{id}", BackendServices.Query),
        new("withdraw", Post, "/api/v1/withdrawals", BackendServices.Ingest),
        new("list_withdrawals", Read, "/api/v1/withdrawals", BackendServices.Query),
        new("get_withdrawal", Read, "/api/v1/withdrawals/{id}", BackendServices.Query),
        new("bank_callback", Post, "/webhooks/bank-callback", BackendServices.Ingest),
        new("list_dead_letters", Read, "/admin/dead-letters", BackendServices.Query),
        new("redrive_dead_letters", Post, "/admin/dead-letters/redrive", BackendServices.Ingest),
        new("delete_dead_letter", Delete, "/admin/dead-letters/{id}", BackendServices.Ingest),
        new("redrive_dead_letter", Post, "/admin/dead-letters/{id}/redrive", BackendServices.Ingest),
        new("get_stats", Read, "/admin/stats", BackendServices.Query),
        new("worker_health", Read, "/health/worker", BackendServices.Worker),
    ];
}
