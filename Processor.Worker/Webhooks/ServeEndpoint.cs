using System.Diagnostics;
using Contracts;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Outbound;

namespace Processor.Worker.Webhooks;

/// <summary>
/// Serves an endpoint while it has deliveries that are due: claims some, sends them a few at a time, records each attempt, claims the next. Roles: a record of
/// <c>deliveries</c> brings the endpoint to the worker that has its partition; <see cref="FanOutEvents"/> wakes a turn of the same worker directly.
/// Guarantee: a delivery is sent at least once, and again only when its sender died, or could not reach PostgreSQL until the lease's end, between sending and
/// recording. An endpoint that is slow or away holds up no other, and is sent at most <see cref="WebhookOptions.MaxPerEndpoint"/> at a time by a worker.
/// <list type="bullet">
/// <item>Dies before the claim's commit: nothing has happened; the relay announces the endpoint again.</item>
/// <item>Dies after it: the lease ends, and any worker claims the delivery again.</item>
/// <item>PostgreSQL is away after sending: recording is tried until the lease ends.</item>
/// <item>Is paused past the lease: nothing is sent any more under that claim, and what was sent is not recorded; the next claim's attempt is.</item>
/// <item>Stops: what is being sent ends and is recorded; what waited for its place is given back.</item>
/// </list>
/// </summary>
internal sealed partial class ServeEndpoint(
    EndpointTurns turns, ClaimDeliveries claim, SendDelivery send, RecordAttempts record, DisableEndpoint disable, WebhookMetrics metrics,
    IOptions<WebhookOptions> options, IOptions<OutboundOptions> outbound, IHostApplicationLifetime lifetime, Random random, TimeProvider clock,
    ILogger<ServeEndpoint> logger)
{
    /// <summary>How long a turn waits for more when nothing is due: the next event then needs no record of Kafka.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AfterError = TimeSpan.FromMilliseconds(500);

    private readonly ILogger _logger = logger;

    /// <summary>Begins turns of endpoints that have none here; the others are woken.</summary>
    public IReadOnlyList<EndpointTurn> Begin(Guid[] endpointIds) => [.. endpointIds.Select(turns.TryBegin).OfType<EndpointTurn>()];

    /// <summary>Runs a turn to its end. Throws what the database throws when it cannot claim; the relay then announces the endpoint again.</summary>
    public async Task RunAsync(EndpointTurn turn)
    {
        using var places = new DeliveryPlaces(options.Value.MaxPerEndpoint);
        var known = new Dictionary<string, WebhookSecret>(StringComparer.Ordinal);
        try
        {
            do
            {
                while (await ServeSomeAsync(turn, places, known))
                {
                    // As many as were asked for: there may be more.
                }

                if (turn.IsOver) await places.UntilAllAsync(); // The endpoint is disabled before another turn of it can begin.
            }
            while (!turn.IsOver && await IsWokenAsync(turn) || !turns.TryEnd(turn, isFinal: lifetime.ApplicationStopping.IsCancellationRequested));
        }
        catch
        {
            turns.TryEnd(turn, isFinal: true);
            throw;
        }
        finally
        {
            await places.UntilAllAsync();
        }
    }

    private async Task<bool> IsWokenAsync(EndpointTurn turn)
    {
        try
        {
            return await turn.WaitAsync(Linger, lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Claims and sends; whether there may be more that is due.</summary>
    private async Task<bool> ServeSomeAsync(EndpointTurn turn, DeliveryPlaces places, Dictionary<string, WebhookSecret> known)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return false;
        var count = 2 * options.Value.MaxPerEndpoint; // The next ones are at hand when a place is free; the lease covers their wait.
        var claimed = await claim.RunAsync(turn.EndpointId, count, options.Value.Lease, options.Value.DisableAfter, CancellationToken.None);
        for (var n = 0; n < claimed.Count; n++)
        {
            await places.UntilOneAsync();
            if (turn.IsOver) return false; // The endpoint is to be disabled, which ends those that are left.
            if (lifetime.ApplicationStopping.IsCancellationRequested || !IsCovered(claimed[n]))
            {
                await claim.GiveBackAsync([.. claimed.Skip(n)], CancellationToken.None);
                break;
            }

            places.Take();
            _ = DeliverAsync(turn, claimed[n], known, places);
        }

        return claimed.Count == count;
    }

    /// <summary>Whether the lease lasts for as long as sending may take.</summary>
    private bool IsCovered(ClaimedDelivery delivery) => clock.GetElapsedTime(delivery.ClaimedAt) + outbound.Value.Timeout < options.Value.Lease;

    /// <summary>Sends and records. Never throws.</summary>
    private async Task DeliverAsync(EndpointTurn turn, ClaimedDelivery delivery, Dictionary<string, WebhookSecret> known, DeliveryPlaces places)
    {
        try
        {
            await RecordAsync(await SendAsync(turn, delivery, known, places));
        }
        catch (Exception exception)
        {
            NotDelivered(exception, delivery.Id);
        }
        finally
        {
            places.Recorded();
        }
    }

    private async Task<DoneAttempt> SendAsync(EndpointTurn turn, ClaimedDelivery delivery, Dictionary<string, WebhookSecret> known, DeliveryPlaces places)
    {
        using var span = WebhookMetrics.StartSend(delivery);
        try
        {
            var result = await send.RunAsync(delivery, known);
            var step = DeliveryStep.After(delivery, result, options.Value, random);
            if (step.Error is { } error) span?.SetStatus(ActivityStatusCode.Error, error);
            if (step.Disables is not null) turn.IsOver = true; // Before the place is free: nothing more is sent.
            return new(delivery, result, step);
        }
        finally
        {
            places.Sent();
        }
    }

    private async Task RecordAsync(DoneAttempt attempt)
    {
        var (delivery, result, step) = attempt;
        var isRecorded = await TryRecordAsync(attempt);
        metrics.Sent(delivery, result, step, isRecorded);
        if (isRecorded == false) Superseded(delivery.Id, delivery.Claim);
        if (step.Disables is { } why) await DisableAsync(delivery.Endpoint, why);
    }

    /// <summary>Whether it was recorded; null when that could not be done until the lease's end.</summary>
    private async Task<bool?> TryRecordAsync(DoneAttempt attempt)
    {
        while (true)
        {
            try
            {
                return await record.RunAsync(attempt);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
            {
                if (clock.GetElapsedTime(attempt.Delivery.ClaimedAt) < options.Value.Lease)
                {
                    await Task.Delay(AfterError, clock);
                    continue;
                }

                NotRecorded(exception, attempt.Delivery.Id);
                return null;
            }
        }
    }

    private async Task DisableAsync(ClaimedEndpoint endpoint, string why)
    {
        try
        {
            if (await disable.RunAsync(endpoint, why, CancellationToken.None)) Disabled(endpoint.Id, why);
        }
        catch (NpgsqlException exception)
        {
            NotDisabled(exception, endpoint.Id);
        }
    }

    [LoggerMessage(202, LogLevel.Warning,
        "Delivery {DeliveryId}: claim {Claim} ended before its attempt was recorded, which is dropped: its endpoint was disabled, or this worker "
        + "stood still for longer than Webhooks__Lease")]
    private partial void Superseded(Guid deliveryId, long claim);

    [LoggerMessage(203, LogLevel.Warning, "Delivery {DeliveryId} was sent, which could not be recorded: it is sent again")]
    private partial void NotRecorded(Exception exception, Guid deliveryId);

    [LoggerMessage(206, LogLevel.Error, "Delivery {DeliveryId} failed unexpectedly: it is sent again when its lease has ended")]
    private partial void NotDelivered(Exception exception, Guid deliveryId);

    [LoggerMessage(204, LogLevel.Warning, "Endpoint {EndpointId} is disabled ({Why}): its events are kept and can be replayed")]
    private partial void Disabled(Guid endpointId, string why);

    [LoggerMessage(205, LogLevel.Warning, "Endpoint {EndpointId} could not be disabled; its next answer tries again")]
    private partial void NotDisabled(Exception exception, Guid endpointId);
}
