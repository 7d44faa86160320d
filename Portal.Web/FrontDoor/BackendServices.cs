using ServiceDefaults.Starting;

namespace Portal.Web.FrontDoor;

/// <summary>A service behind the front door.</summary>
/// <param name="Name">Its resource's name in AppHost.</param>
/// <param name="Role">Its role in messages to callers, which do not reveal where it runs.</param>
/// <param name="Addresses">Its addresses; several are replicas that share the load.</param>
internal sealed record BackendService(string Name, string Role, IReadOnlyList<Uri> Addresses);

/// <summary>The services behind the front door, at the addresses <c>services__NAME__http__N</c>.</summary>
internal sealed class BackendServices(IReadOnlyList<BackendService> all, BackendService? sandbox)
{
    /// <summary>The paths that are the sandbox's own.</summary>
    public const string SandboxPath = "/sandbox/{**path}";

    public const string Ingest = "ingest-api";
    public const string Query = "query-api";
    public const string Worker = "processor-worker";
    public const string SandboxName = "sandbox";

    private static readonly (string Name, string Role)[] Known =
    [
        (Ingest, "webhook intake"),
        (Query, "transaction lookup"),
        (Worker, "background processing"),
    ];

    /// <summary>Every service, in the order of <c>/health</c>.</summary>
    public IReadOnlyList<BackendService> All { get; } = all;

    /// <summary>
    /// The sandbox, for its test clock and its inbox: in Development, where <c>services__sandbox__http__0</c> names it; otherwise null. It is no part of the
    /// system, nor of its health.
    /// </summary>
    public BackendService? Sandbox { get; } = sandbox;

    /// <summary>The service of that name.</summary>
    public BackendService this[string name] => name == Sandbox?.Name ? Sandbox : All.Single(service => service.Name == name);

    /// <summary>Reads the addresses; throws, with the setting's name, when a service has none or an invalid one.</summary>
    public static BackendServices From(IConfiguration configuration, bool isDevelopment = false)
    {
        var hasSandbox = isDevelopment && configuration.GetSection("services:sandbox:http").GetChildren().Any();
        return new(
            [.. Known.Select(known => new BackendService(known.Name, known.Role, AddressesOf(known.Name, configuration)))],
            hasSandbox ? new(SandboxName, "the sandbox", AddressesOf(SandboxName, configuration)) : null);
    }

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

    /// <summary>
    /// The pattern where it is narrower than <see cref="Path"/>: so that a fixed path beside it is still answered 405 to a method it has not.
    /// </summary>
    public string? Pattern { get; init; }
}

/// <summary>The routes of the front door: writes go to Ingest.Api, reads to Query.Api, the worker's health to the worker.</summary>
internal static class Routes
{
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Patch = [HttpMethods.Patch];
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
        new("create_wallet", Post, "/wallets", BackendServices.Ingest),
        new("list_wallets", Read, "/wallets", BackendServices.Query),
        new("get_wallet", Read, "/wallets/{customer_id}", BackendServices.Query),
        new("credit_wallet", Post, "/wallets/{customer_id}/credit", BackendServices.Ingest),
        new("get_wallet_ledger", Read, "/wallets/{customer_id}/ledger", BackendServices.Query),
        new("create_charge", Post, "/charges", BackendServices.Ingest),
        new("list_charges", Read, "/charges", BackendServices.Query),
        new("get_charge", Read, "/charges/{id}", BackendServices.Query),
        new("refund_charge", Post, "/charges/{id}/refunds", BackendServices.Ingest),
        new("list_refunds", Read, "/charges/{id}/refunds", BackendServices.Query),
        new("create_installment_order", Post, "/installments/orders", BackendServices.Ingest),
        new("list_installment_orders", Read, "/installments/orders", BackendServices.Query),
        new("get_installment_order", Read, "/installments/orders/{order_id}", BackendServices.Query),
        new("activate_installment_order", Post, "/installments/orders/{order_id}/activate", BackendServices.Ingest),
        new("cancel_installment_order", Post, "/installments/orders/{order_id}/cancel", BackendServices.Ingest),
        new("list_installments", Read, "/installments/orders/{order_id}/installments", BackendServices.Query),
        new("list_due_installments", Read, "/installments/due-installments", BackendServices.Query),
        new("process_installment", Post, "/installments/installments/{id}/process", BackendServices.Ingest),
        new("stripe_webhook", Post, "/webhooks/stripe", BackendServices.Ingest),
        new("create_webhook_endpoint", Post, "/webhooks/endpoints", BackendServices.Ingest),
        new("list_webhook_endpoints", Read, "/webhooks/endpoints", BackendServices.Query),
        new("get_webhook_endpoint", Read, "/webhooks/endpoints/{id}", BackendServices.Query),
        new("get_webhook_endpoint_stats", Read, "/webhooks/endpoints/{id}/stats", BackendServices.Query),
        new("change_webhook_endpoint", Patch, "/webhooks/endpoints/{id}", BackendServices.Ingest),
        new("delete_webhook_endpoint", Delete, "/webhooks/endpoints/{id}", BackendServices.Ingest),
        new("rotate_webhook_secret", Post, "/webhooks/endpoints/{id}/rotate-secret", BackendServices.Ingest),
        new("test_webhook_endpoint", Post, "/webhooks/endpoints/{id}/test", BackendServices.Ingest),
        new("replay_webhook_events", Post, "/webhooks/endpoints/{id}/replay", BackendServices.Ingest),
        new("list_webhook_event_types", Read, "/webhooks/event-types", BackendServices.Query),
        new("list_webhook_events", Read, "/webhooks/events", BackendServices.Query),
        new("list_webhook_deliveries", Read, "/webhooks", BackendServices.Query),
        new("get_webhook_delivery", Read, "/webhooks/{id}", BackendServices.Query) { Pattern = "/webhooks/{id:guid}" },
        new("retry_webhook_deliveries", Post, "/webhooks/retry", BackendServices.Ingest),
        new("retry_webhook_delivery", Post, "/webhooks/{id}/retry", BackendServices.Ingest),
        new("create_portal_link", Post, "/webhooks/portal-links", BackendServices.Ingest),
        new("list_dead_letters", Read, "/admin/dead-letters", BackendServices.Query),
        new("list_dead_letter_reasons", Read, "/admin/dead-letters/reasons", BackendServices.Query),
        new("redrive_dead_letters", Post, "/admin/dead-letters/redrive", BackendServices.Ingest),
        new("delete_dead_letters", Post, "/admin/dead-letters/delete", BackendServices.Ingest),
        new("delete_dead_letter", Delete, "/admin/dead-letters/{id}", BackendServices.Ingest) { Pattern = "/admin/dead-letters/{id:long}" },
        new("redrive_dead_letter", Post, "/admin/dead-letters/{id}/redrive", BackendServices.Ingest),
        new("get_stats", Read, "/admin/stats", BackendServices.Query),
        new("list_workers", Read, "/admin/workers", BackendServices.Query),
        new("check_ledger", Read, "/admin/ledger-check", BackendServices.Query),
        new("search", Read, "/admin/search", BackendServices.Query),
        new("worker_health", Read, "/health/worker", BackendServices.Worker),
    ];
}
