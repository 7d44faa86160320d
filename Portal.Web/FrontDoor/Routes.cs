namespace Portal.Web.FrontDoor;

/// <summary>What of the public base URL is served by which service behind it.</summary>
/// <param name="Path">A route pattern.</param>
/// <param name="Methods">The methods that exist there; others are answered with 405 at the door.</param>
/// <param name="Service">One of <see cref="BackendServices"/>.</param>
internal sealed record Route(string Path, string[] Methods, string Service);

/// <summary>The table of the front door: writes go to Ingest.Api, reads to Query.Api, the worker answers for itself.</summary>
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
        new("/api/v1/users/{id}/rotate-key", Post, BackendServices.Ingest),
        new("/api/v1/users/{id}/balance", Read, BackendServices.Query),
        new("/api/v1/users/{id}/transactions", Read, BackendServices.Query),
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
        new("/openapi/ingest.json", Get, BackendServices.Ingest),
        new("/openapi/query.json", Get, BackendServices.Query),
        new("/openapi/worker.json", Get, BackendServices.Worker),
    ];
}
