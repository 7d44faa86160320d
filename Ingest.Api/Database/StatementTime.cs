using Ingest.Api.Transactions;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Requests;

namespace Ingest.Api.Database;

/// <summary>What a queue's statements have in common: a time after which nobody waits for them, and more than one try.</summary>
internal sealed class StatementTime(IOptions<AcceptOptions> options, TimeProvider clock)
{
    /// <summary>
    /// A pooled connection that PostgreSQL has dropped says so only when it is used: after a restart each of them fails once. Three tries
    /// get past the committers' own.
    /// </summary>
    private const int Tries = 3;

    /// <summary>
    /// A statement whose time is over is cancelled, which tells us that nothing was stored. A server that hangs does not answer that
    /// either, and Npgsql then waits for its connection time-out (15 s): longer than this nobody waits with it.
    /// </summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(1);

    /// <summary>Asks, for Accept__CommitTimeout at most.</summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time. What was asked for may be done after all.</exception>
    public async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var timeout = options.Value.CommitTimeout;
        using var time = new CancellationTokenSource(timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            return await ask(limit.Token.OnOwnThread()).WaitAsync(timeout + CancelGrace, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"PostgreSQL has not answered within {timeout} (Accept__CommitTimeout).", exception);
        }
    }

    /// <summary>The same, and again at once when the connection was lost: for what is known again when it is done twice.</summary>
    /// <exception cref="TimeoutException">PostgreSQL did not answer in time. What was asked for may be done after all.</exception>
    public Task<T> InTimeWithTriesAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => InTimeAsync(
        async limit =>
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await ask(limit);
                }
                catch (NpgsqlException exception) when (exception.IsTransient && attempt < Tries)
                {
                    // At once: a connection that has failed is not taken again.
                }
            }
        },
        cancellationToken);
}
