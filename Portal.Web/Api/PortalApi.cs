using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Web.Live;
using Portal.Web.Sessions;

namespace Portal.Web.Api;

/// <summary>The API as one visitor's pages call it: <see cref="ApiClient"/> with the session of an area. One for each request and each circuit.</summary>
internal sealed class PortalApi(ApiClient client, AuthenticationStateProvider authentication)
{
    /// <summary>The visitor's session in this area; null without one.</summary>
    public async Task<Session?> SessionAsync(Area area) => Session.Of((await authentication.GetAuthenticationStateAsync()).User, area);

    /// <summary>Reads, as the visitor of this area.</summary>
    public async Task<ApiResult<T>> GetAsync<T>(Area area, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken = default) =>
        await client.GetAsync(await SessionAsync(area), path, type, cancellationToken);

    /// <summary>Writes, as the visitor of this area.</summary>
    public async Task<ApiResult<T>> SendAsync<T>(
        Area area, HttpMethod method, string path, JsonNode? body, JsonTypeInfo<T> type, string? idempotencyKey = null,
        CancellationToken cancellationToken = default) =>
        await client.SendAsync(await SessionAsync(area), method, path, body, type, cancellationToken, idempotencyKey);

    /// <summary>
    /// What <see cref="LiveTopics"/> polls for the visitor of this area. It holds the session itself: a poller outlives the page that began it. Visitors with
    /// the same credential share it, and nobody else.
    /// </summary>
    public async Task<LiveSource<T>> LiveAsync<T>(Area area, string path, JsonTypeInfo<T> type)
    {
        var session = await SessionAsync(area);
        return new(new(session?.Credential ?? "", path), cancellationToken => client.GetAsync(session, path, type, cancellationToken));
    }
}
