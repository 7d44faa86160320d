using Ingest.Api.Requests;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Problems;

namespace Ingest.Api.Idempotency;

/// <summary>
/// Opens the database transaction of a request that may be repeated. A handler reads, in its own lines: Begin, check the body, Claim, work, StoreAndCommit,
/// publish. Guarantee: the key, the answer and the work are one commit. What is stored as a <see cref="Reply"/> is remembered, refusals by a business rule
/// among them; everything else (a body that is not acceptable, 409, 429, 5xx, an exception) is rolled back with all it did.
/// <list type="bullet">
/// <item>Dies before the commit: nothing was done, and the key is free.</item>
/// <item>Dies between commit and answer: the next request with the key gets the answer.</item>
/// <item>Fifty at once: one does the work, the others wait on its row and get its answer; after <c>Idempotency__Patience</c> they are answered 409.</item>
/// </list>
/// </summary>
internal sealed class IdempotentRequests(NpgsqlDataSource database, IOptions<IdempotencyOptions> options, TimeProvider clock) : IDisposable
{
    private readonly Places _places = new(options.Value.MaxConcurrency, options.Value.MaxPerCaller, options.Value.PlaceTimeout, clock);

    /// <summary>
    /// Takes a place and a connection and begins a transaction, for the handler to dispose of. Or the problem: 400 for the header, 503 when too many requests
    /// are at work.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="keyIsRequired">False: without a key the request is carried out each time it is sent.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<(IdempotentRequest? Request, Problem? Problem)> BeginAsync(HttpContext context, bool keyIsRequired, CancellationToken cancellationToken)
    {
        var (key, problem) = IdempotencyHeader.Read(context.Request, keyIsRequired);
        if (problem is not null) return (null, problem);

        var caller = RequestScope.CallerOf(context);
        if (await _places.TryTakeAsync(caller, cancellationToken) is not { } place) return (null, Busy);
        try
        {
            var connection = await database.OpenConnectionAsync(cancellationToken);
            var scoped = key is null ? null : RequestScope.KeyOf(caller, context, key);
            var request = new IdempotentRequest(place, connection, options.Value, scoped);
            await request.BeginAsync(cancellationToken);
            return (request, null);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stores another answer in the place of one that was committed: a charge's outcome. A repeat then gets what the first caller got.
    /// </summary>
    /// <param name="claim">The request's claim; null for none, and then nothing is stored.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task ReplaceAsync(Claim? claim, Reply reply, CancellationToken cancellationToken)
    {
        if (claim is not null) await StoredReplies.ReplaceAsync(database, claim, reply, cancellationToken);
    }

    public void Dispose() => _places.Dispose();

    private static Problem Busy => Problem.Unavailable("More requests arrive than can be carried out at the moment; this one was not begun. Send it again "
        + "shortly.");
}

/// <summary>
/// One request that may be repeated: its transaction, and its key when it has one. Disposing rolls back what was not committed. For one thread at a time.
/// </summary>
internal sealed class IdempotentRequest(IDisposable place, NpgsqlConnection connection, IdempotencyOptions options, RequestKey? key) : IAsyncDisposable
{
    private NpgsqlTransaction? _transaction;
    private Claim? _claim;
    private string? _credential;

    /// <summary>Where the handler's statements run.</summary>
    public NpgsqlConnection Connection => connection;

    /// <summary>What was claimed; null without a key.</summary>
    public Claim? Claimed => _claim;

    /// <summary>For savepoints. <see cref="StoreAndCommitAsync"/> commits.</summary>
    public NpgsqlTransaction Transaction => _transaction!;

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            _transaction = await connection.BeginTransactionAsync(cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The answer holds a secret: it is stored encrypted with a key that is derived from the caller's credential, which is stored nowhere. To be called before
    /// the claim.
    /// </summary>
    /// <param name="credential">What the caller sent to show who they are.</param>
    public void SealReplyWith(string credential) => _credential = credential;

    /// <summary>
    /// Claims the key. Both null: it is new, and the work is this request's. Else the answer that was stored before, or why there is none to give (409, 422).
    /// </summary>
    /// <param name="members">The body, with all members taken.</param>
    /// <param name="http">Whose body was read.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<(Reply? Earlier, Problem? Problem)> ClaimAsync(JsonMembers members, HttpRequest http, CancellationToken cancellationToken)
    {
        if (key is null) return (null, null);
        _claim = new Claim(key, members.Fingerprint());
        try
        {
            var stored = await StoredReplies.ClaimAsync(connection, _claim, options.Lifetime, options.Patience, cancellationToken);
            if (stored is null) return (null, null);
            if (options.OnMismatch == MismatchAnswer.Refuse && !await IsSameAsync(stored, _claim, http, cancellationToken)) return (null, OtherBody);
            if (_credential is null) return (stored.Reply, null);
            return SealedBody.Open(stored.Reply.Body, _credential, key) is { } body ? (stored.Reply with { Body = body }, null) : (null, OtherCredential);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return (null, InFlight);
        }
    }

    /// <summary>Stores the answer under the key, where there is one, and commits. From here on the caller may go: what is done is done.</summary>
    /// <exception cref="CommitOutcomeUnknownException">The connection broke during the commit: it may or may not have been carried out.</exception>
    public async Task StoreAndCommitAsync(Reply reply)
    {
        var stored = key is not null && _credential is not null ? reply with { Body = SealedBody.Seal(reply.Body, _credential, key) } : reply;
        try
        {
            await StoredReplies.StoreAndCommitAsync(connection, _claim, stored, CancellationToken.None);
        }
        catch (Exception exception) when (DatabaseFaults.LeavesCommitUnknown(exception))
        {
            throw new CommitOutcomeUnknownException(key is not null, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_transaction is not null) await _transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
        finally
        {
            place.Dispose();
        }
    }

    /// <summary>By meaning; or byte for byte, which is how rows were stored before bodies were compared by meaning.</summary>
    private static async Task<bool> IsSameAsync(StoredReply stored, Claim claim, HttpRequest http, CancellationToken cancellationToken) =>
        claim.RequestHash.AsSpan().SequenceEqual(stored.RequestHash)
        || System.Security.Cryptography.SHA256.HashData((await RequestBody.ReadAsync(http, cancellationToken)).Span).AsSpan().SequenceEqual(stored.RequestHash);

    /// <summary>The 409 for a key whose request is still being worked on.</summary>
    internal static Problem InFlight => new(
        StatusCodes.Status409Conflict, "idempotency_key_in_use",
        $"A request with this {IdempotencyHeader.Name} is still being worked on. Send the same one again in a moment to get its answer.");

    private static Problem OtherBody => new(
        StatusCodes.Status422UnprocessableEntity, "idempotency_key_reused",
        $"This {IdempotencyHeader.Name} was used with another body. Use a new key for a new request, or repeat the first one as it was.");

    private static Problem OtherCredential => new(
        StatusCodes.Status409Conflict, "idempotency_reply_sealed",
        $"The request with this {IdempotencyHeader.Name} was carried out, and its answer holds a secret that opens only with the credential that was "
        + "sent then. Repeat it with that credential, or have the secret replaced.");
}
