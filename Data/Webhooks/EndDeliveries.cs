using Npgsql;

namespace Data.Webhooks;

/// <summary>Ends the deliveries of an endpoint that wait, because it is disabled or deleted: failed, so that they can be replayed.</summary>
public static class EndDeliveries
{
    /// <summary>The most that one statement ends: few enough that nobody waits for their locks.</summary>
    public const int MaxBatch = 1_000;

    private const string End =
        """
        UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL, claimed_until = NULL, processed_at = now(), error_message = $2
        WHERE id = ANY (ARRAY(
            SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND status = 'pending' ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED))
        """;

    /// <summary>Ends them, in batches; those that are being sent at this moment are recorded as their attempts end.</summary>
    /// <param name="database">The database.</param>
    /// <param name="endpointId">The endpoint, which gets no new ones any more.</param>
    /// <param name="why">Their error message.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task RunAsync(NpgsqlDataSource database, Guid endpointId, string why, CancellationToken cancellationToken)
    {
        while (await BatchAsync(database, endpointId, why, cancellationToken) == MaxBatch)
        {
            // There may be more.
        }
    }

    /// <summary>Ends at most <see cref="MaxBatch"/>; returns how many.</summary>
    /// <param name="database">The database.</param>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="why">Their error message.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<int> BatchAsync(NpgsqlDataSource database, Guid endpointId, string why, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(End);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpointId });
        command.Parameters.Add(Parameter.Text(why));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MaxBatch });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
