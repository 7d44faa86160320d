using Data.Webhooks;
using Npgsql;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary>
/// Ends the pending deliveries of an endpoint that is to get no more. One that has been away for days can have hundreds of thousands, so they are ended before
/// the endpoint is changed, while the caller can be told to come again; <see cref="EndDeliveries"/> ends the few that came since.
/// </summary>
internal static class EndPending
{
    /// <summary>With the last batch's time-out (4 s) the answer still comes before the front door gives up (15 s).</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(10);

    /// <summary>Null when they are ended; else the 503 when the time was over first. What was done stays.</summary>
    /// <param name="database">The database.</param>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="why">Their error message.</param>
    /// <param name="clock">Measures the time.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<Problem?> RunAsync(
        NpgsqlDataSource database, Guid endpointId, string why, TimeProvider clock, CancellationToken cancellationToken)
    {
        var done = await Batches.RunAsync(
            async () =>
            {
                var ended = await EndDeliveries.BatchAsync(database, endpointId, why, cancellationToken);
                return (ended, ended);
            },
            MaxDuration, clock);
        return done.HasMore ? TooMany : null;
    }

    /// <summary>The 503 when the time was over.</summary>
    public static Problem TooMany => Problem.Unavailable(
        "This endpoint has very many pending deliveries, and not all are ended yet; the endpoint is as it was. Send the same request again: it goes on there.");
}
