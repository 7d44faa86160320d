using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Portal.Web.Sessions;

namespace Portal.Web.Api;

/// <summary>
/// Calls the public API for the pages, with the credential of the page's visitor, as any caller would. It never throws for what an answer says or for a
/// connection that fails: pages show an <see cref="ApiProblem"/>.
/// </summary>
internal sealed class ApiClient(IHttpClientFactory clients, IOptions<PortalOptions> options)
{
    /// <summary>The name of the client whose requests <see cref="ServiceRouting"/> sends on.</summary>
    public const string HttpName = "api";

    private const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Reads.</summary>
    /// <param name="session">The visitor; null for what needs no credential.</param>
    /// <param name="path">Path and query, such as <c>/charges?limit=50</c>.</param>
    /// <param name="type">How the body is read.</param>
    /// <param name="cancellationToken">Ends the call; the only thing that throws.</param>
    public Task<ApiResult<T>> GetAsync<T>(Session? session, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(session, new(HttpMethod.Get, path), type, cancellationToken);

    /// <summary>Writes.</summary>
    /// <param name="session">The visitor; null for what needs no credential.</param>
    /// <param name="method">POST, PATCH or DELETE.</param>
    /// <param name="path">The path.</param>
    /// <param name="body">The JSON body; null for none.</param>
    /// <param name="type">How the answer is read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="idempotencyKey">The Idempotency-Key; null where none is needed.</param>
    /// <param name="clientAddress">The browser's address, for limits that count by it; null where none does.</param>
    public Task<ApiResult<T>> SendAsync<T>(
        Session? session, HttpMethod method, string path, JsonNode? body, JsonTypeInfo<T> type, CancellationToken cancellationToken,
        string? idempotencyKey = null, string? clientAddress = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        if (idempotencyKey is not null) request.Headers.Add(IdempotencyKey, idempotencyKey);
        if (clientAddress is not null) request.Headers.Add("X-Forwarded-For", clientAddress);
        return SendAsync(session, request, type, cancellationToken);
    }

    private async Task<ApiResult<T>> SendAsync<T>(
        Session? session, HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var disposed = request;
        session?.Authenticate(request.Headers);
        if (options.Value.Key is { Length: > 0 } key) request.Headers.Add("X-Portal-Key", key);
        try
        {
            using var response = await clients.CreateClient(HttpName).SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode) return new(default, ProblemOf(response, body));
            return body.Length == 0
                ? new(default, null)
                : new(JsonSerializer.Deserialize(body, type), null, Fingerprint(body)) { NextCursor = NextCursorOf(response) };
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new(default, new(0, "unreachable", exception is JsonException
                ? "The answer could not be read. The portal and the services may be of different versions."
                : "The service did not answer. It may be starting; try again shortly.", RequestId: null));
        }
    }

    private static string Fingerprint(byte[] body) => Convert.ToHexString(SHA256.HashData(body));

    private static string? NextCursorOf(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out var links)) return null;
        var next = links.FirstOrDefault(link => link.EndsWith("rel=\"next\"", StringComparison.Ordinal))?.Split('<', '>').ElementAtOrDefault(1);
        return next?.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query
            && QueryHelpers.ParseQuery(next[query..]).TryGetValue("cursor", out var cursor)
            ? cursor.ToString()
            : null;
    }

    private static ApiProblem ProblemOf(HttpResponseMessage response, byte[] body)
    {
        var status = (int)response.StatusCode;
        var requestId = response.Headers.TryGetValues("X-Request-ID", out var ids) ? ids.FirstOrDefault() : null;
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return new(status, "unknown", $"The service answered {status}.", requestId);

        var problem = JsonSerializer.Deserialize(body, ApiJson.Default.ProblemBody)!;
        return new(status, problem.Error ?? "unknown", problem.Detail ?? problem.Title ?? $"The service answered {status}.", requestId ?? problem.TraceId)
        {
            RetryAfter = problem.RetryAfter,
            Available = problem.Available,
            Required = problem.Required,
            Errors = problem.Errors?.ToDictionary(error => error.Key, IReadOnlyList<string> (error) => error.Value) ?? [],
        };
    }
}
