using Npgsql;

namespace Ingest.Api.Idempotency;

/// <summary>
/// The database transaction of a request that carries an Idempotency-Key. The endpoint does its work in it; the filter stores the answer in it and
/// commits, so that neither can be without the other.
/// </summary>
internal sealed class BusinessTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    private Action? _afterCommit;

    /// <summary>Where the endpoint's statements run.</summary>
    public NpgsqlConnection Connection => connection;

    /// <summary>For savepoints; the filter alone commits.</summary>
    public NpgsqlTransaction Transaction => transaction;

    /// <summary>The request's; there is one on every endpoint that is <c>Idempotent()</c>.</summary>
    public static BusinessTransaction Of(HttpContext context) => context.Features.Get<BusinessTransaction>()
        ?? throw new InvalidOperationException("This endpoint asks for no Idempotency-Key: add Idempotent() to its route.");

    /// <summary>To be done once all is committed, and not if it is not: must not throw, and loses nothing that its row does not hold.</summary>
    public void AfterCommit(Action action) => _afterCommit += action;

    /// <summary>The filter's: all is committed.</summary>
    public void Committed() => _afterCommit?.Invoke();
}
