using Ingest.Api.Transactions;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Problems;
using ServiceDefaults.Requests;

namespace Ingest.Api.Database;

/// <summary>The statements that many requests share: each has a time limit, and is tried again when the database undid it.</summary>
internal sealed class TimedStatements(NpgsqlDataSource database, IOptions<AcceptOptions> options, TimeProvider clock)
{
    /// <summary>
    /// A pooled connection that PostgreSQL has closed fails when it is next used. The first failure drops the idle ones; other statements in flight may put up
    /// to two more back before that.
    /// </summary>
    private const int Tries = 3;

    /// <summary>
    /// A statement that is out of time is cancelled. A server that hangs does not answer that either, and Npgsql then waits for its connection time-out; here
    /// the wait ends after this.
    /// </summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(1);

    /// <summary>Runs a statement for Accept__CommitTimeout at most.</summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time. The statement may have been carried out.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> statement, CancellationToken cancellationToken)
    {
        var timeout = options.Value.CommitTimeout;
        using var time = new CancellationTokenSource(timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            return await statement(limit.Token.OnOwnThread()).WaitAsync(timeout + CancelGrace, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"PostgreSQL has not answered within {timeout} (Accept__CommitTimeout).", exception);
        }
    }

    /// <summary>The same, tried again when the database undid it or the connection was lost: for statements that can be carried out twice.</summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time. The statement may have been carried out.</exception>
    public Task<T> RunRepeatableAsync<T>(Func<CancellationToken, Task<T>> statement, CancellationToken cancellationToken) => RunAsync(
        async limit =>
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await statement(limit);
                }
                catch (Exception exception) when (attempt < Tries && DatabaseFaults.IsWorthAnotherTry(exception))
                {
                    if (DatabaseFaults.IsOfAllConnections(exception)) database.Clear();
                }
            }
        },
        cancellationToken);
}
