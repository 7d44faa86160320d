using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.Problems;

namespace Ingest.Api.Idempotency;

/// <summary>
/// Makes a POST safe to repeat: the same Idempotency-Key does its work once and gets the same answer each time, for 24 hours.
/// Guarantee: the key's row, its answer and the work are one commit. What the endpoint answers with a <see cref="Reply"/> is remembered, refusals
/// of the business among them; everything else (a body that is not acceptable, 409, 429, 5xx, an exception) is rolled back with all it did.
/// <list type="bullet">
/// <item>Dies before the commit: nothing was done, and the key is free.</item>
/// <item>Dies between commit and answer: the next request with the key gets the answer.</item>
/// <item>Fifty at once: one does the work, the others wait on its row and get its answer; after <c>Idempotency__Patience</c> they are told 409.</item>
/// </list>
/// </summary>
internal sealed class IdempotencyFilter(NpgsqlDataSource database, IOptions<IdempotencyOptions> options) : IEndpointFilter, IDisposable
{
    private const string Header = "Idempotency-Key";
    private const int MaxKeyLength = 255;

    private readonly SemaphoreSlim _places = new(options.Value.MaxConcurrency);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Request.Headers[Header] is not [{ Length: >= 1 and <= MaxKeyLength } key] || !key.All(c => c is >= '!' and <= '~')) return KeyNeeded(http.Request);

        var body = await ReadAsync(http.Request, http.RequestAborted);
        var claim = new KeyClaim($"user:{Caller.Of(http).UserId} {http.Request.Method} {http.Request.Path}", key, SHA256.HashData(body.Span));
        await _places.WaitAsync(http.RequestAborted);
        try
        {
            return await RunAsync(claim, context, next);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return InFlight;
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<object?> RunAsync(KeyClaim claim, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        await using var transaction = await connection.BeginTransactionAsync(http.RequestAborted);
        if (await KeyRows.ClaimAsync(connection, claim, options.Value.Lifetime, options.Value.Patience, http.RequestAborted) is { } stored) return Again(claim, stored);

        var business = new BusinessTransaction(connection, transaction);
        http.Features.Set(business);
        var result = await next(context);
        if (Unwrap(result) is not Reply reply) return result;

        // From here on the caller may go: what is done is done.
        await KeyRows.StoreAndCommitAsync(connection, claim, reply, CancellationToken.None);
        business.Committed();
        return reply;
    }

    private static object? Unwrap(object? result) => result is INestedHttpResult nested ? nested.Result : result;

    private IResult Again(KeyClaim claim, StoredReply stored) =>
        options.Value.OnMismatch == MismatchAnswer.Replay || claim.RequestHash.AsSpan().SequenceEqual(stored.RequestHash) ? stored.Reply : OtherBody;

    /// <summary>The whole body, which the endpoint can read again.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        buffer.Position = 0;
        request.Body = buffer;
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static Problem KeyNeeded(HttpRequest request) => new(
        StatusCodes.Status400BadRequest, request.Headers.ContainsKey(Header) ? "idempotency_key_malformed" : "idempotency_key_missing",
        $"{Header} must be sent once, with 1 to {MaxKeyLength} visible ASCII characters: a new one for each payment you mean to make, the same one when you repeat a request.");

    private static Problem InFlight => new(
        StatusCodes.Status409Conflict, "idempotency_key_in_use",
        $"A request with this {Header} is still being worked on. Send the same one again in a moment to get its answer.");

    private static Problem OtherBody => new(
        StatusCodes.Status422UnprocessableEntity, "idempotency_key_reused",
        $"This {Header} was used with another body. Use a new key for a new request, or repeat the first one as it was.");
}
