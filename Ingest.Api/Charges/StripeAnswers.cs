using System.Collections.Concurrent;
using Data;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.Charges;

/// <summary>
/// Waits for the answers to Stripe requests that the worker sends, so that a caller sees the outcome of their charge. All that wait share one statement, every
/// <see cref="Interval"/>; while nobody waits there is none. Guarantee: none; who is not told in time answers <c>pending</c>.
/// </summary>
internal sealed class StripeAnswers(NpgsqlDataSource database, TimeProvider clock) : BackgroundService
{
    /// <summary>How long a caller waits at most (docs/api.md).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How late an answer is noticed. A look is one index scan of the ids that wait.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private const string Answered = "SELECT id FROM stripe_requests WHERE id = ANY ($1) AND answered_at IS NOT NULL";

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();
    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>True when the request is answered; false when it was not in time, or the caller is gone.</summary>
    public async Task<bool> WaitAsync(Guid requestId, CancellationToken cancellationToken)
    {
        var answered = _waiting.GetOrAdd(requestId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        _wake.Release();
        try
        {
            await answered.Task.WaitAsync(Patience, clock, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            _waiting.TryRemove(requestId, out _);
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(stoppingToken);
                while (!_waiting.IsEmpty)
                {
                    await Task.Delay(Interval, clock, stoppingToken);
                    await LookAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Who waits answers pending.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand(Answered);
            command.Parameters.Add(Parameter.Array([.. _waiting.Keys], NpgsqlDbType.Uuid));
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                if (_waiting.TryGetValue(row.GetGuid(0), out var waiting)) waiting.TrySetResult();
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is NpgsqlException or TimeoutException or IOException)
        {
            // The database is away: the next look tries again, and who waits answers pending.
        }
    }
}
