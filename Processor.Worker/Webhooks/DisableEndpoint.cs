using Contracts;
using Data;
using Data.Notices;
using Data.Webhooks;
using Npgsql;

namespace Processor.Worker.Webhooks;

/// <summary>
/// Disables an endpoint for what its receiver answers, or for days of nothing but failures, tells operators in the same statement, and ends the deliveries that
/// wait.
/// </summary>
internal sealed class DisableEndpoint(NpgsqlDataSource database)
{
    // Events that are being fanned out at this moment get their deliveries before, so that they are ended with the others; later ones get none.
    private const string AfterFanOut = "SELECT pg_advisory_xact_lock($1)";

    private const string Disable =
        """
        UPDATE webhook_endpoints SET disabled_at = now(), disabled_because = $2 WHERE id = $1 AND disabled_at IS NULL AND deleted_at IS NULL
        RETURNING 1
        """;

    /// <summary>
    /// Whether it was enabled until now. What waits is ended either way: deliveries that another turn was claiming when they were ended the first time were
    /// left out, and whoever was answered so ends them.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="why">One of <see cref="DisabledReason"/>.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<bool> RunAsync(ClaimedEndpoint endpoint, string why, CancellationToken cancellationToken)
    {
        var wasEnabled = await TryDisableAsync(endpoint, why, cancellationToken);
        await EndDeliveries.RunAsync(database, endpoint.Id, $"The endpoint was disabled ({why}); enable it, then replay.", cancellationToken);
        return wasEnabled;
    }

    private async Task<bool> TryDisableAsync(ClaimedEndpoint endpoint, string why, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        NpgsqlParameter[] parameters = [new NpgsqlParameter<Guid> { TypedValue = endpoint.Id }, Parameter.Text(why)];
        batch.BatchCommands.Add(new(AfterFanOut) { Parameters = { new NpgsqlParameter<long> { TypedValue = AdvisoryLock.FanOut } } });
        batch.BatchCommands.Add(RaiseNotice.After(Disable, parameters, NoticeOf(endpoint, why)));
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        await row.NextResultAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) && row.GetBoolean(0);
    }

    /// <summary>What operators are told. The endpoint's host alone: the rest of its URL may have a secret in it.</summary>
    internal static NewNotice NoticeOf(ClaimedEndpoint endpoint, string why) => new(
        WebhookEvents.OperationsEndpointDisabled, $"endpoint:{endpoint.Id}", $"Endpoint {endpoint.Id} at {HostOf(endpoint.Url)} is disabled: {Reason(why)}.",
        $$"""Ask its owner to mend it, enable it by PATCH /webhooks/endpoints/{{endpoint.Id}} with {"disabled":false}, and replay what it missed.""",
        $"/admin/endpoints/{endpoint.Id}");

    private static string HostOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed.Host : "an address that cannot be read";

    private static string Reason(string why) => why switch
    {
        DisabledReason.Gone => "its receiver answered 410 Gone",
        DisabledReason.Receiver => "its receiver asked for it by the header webhook-delivery: disable",
        _ => "for as long as Webhooks__DisableAfter says it took nothing",
    };
}
