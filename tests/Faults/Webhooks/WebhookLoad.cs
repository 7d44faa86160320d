using System.Net.Http.Json;
using System.Text.Json;
using Contracts;
using Faults.Printing;
using Faults.Running;
using Support;

namespace Faults.Webhooks;

/// <summary>
/// Endpoints that want to know of every transaction's outcome, while something is done to the system. In the end every event must have come to every endpoint
/// whose receiver takes it.
/// </summary>
internal sealed class WebhookLoad : IAsyncDisposable
{
    /// <summary>Short, so that a run sees whole schedules; and a lease after which a killed worker's deliveries are sent again.</summary>
    public static readonly (string Name, string Value)[] Quick =
    [
        ("Webhooks__RetryWaits__0", "00:00:01"), ("Webhooks__RetryWaits__1", "00:00:05"), ("Webhooks__RetryWaits__2", "00:00:20"),
        ("Webhooks__RetryWaits__3", "00:01:00"), ("Webhooks__Timeout", "00:00:03"), ("Webhooks__Lease", "00:00:10"),
    ];

    private const string NotTold =
        """
        SELECT count(*) FROM transactions t WHERE t.status <> 'PROCESSING' AND t.processed_at > $1
            AND NOT EXISTS (SELECT FROM webhook_events e WHERE e.resource_id = t.transaction_id)
        """;

    private static readonly TimeSpan ToSettle = TimeSpan.FromMinutes(4);

    private readonly RunningSystem _system;
    private readonly CustomersSystems _systems;
    private readonly Dictionary<string, (Guid Id, Receives Behaviour)> _endpoints = new(StringComparer.Ordinal);
    private DateTime _began;

    private WebhookLoad(RunningSystem system, CustomersSystems systems) => (_system, _systems) = (system, systems);

    /// <summary>Adds the endpoints.</summary>
    /// <param name="system">A system with <see cref="Quick"/>.</param>
    /// <param name="endpoints">How many of which.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<WebhookLoad> StartAsync(RunningSystem system, IEnumerable<(Receives Behaviour, int Count)> endpoints, CancellationToken stop)
    {
        var load = new WebhookLoad(system, await CustomersSystems.StartAsync(system.Settings.Clock, stop));
        foreach (var (behaviour, count) in endpoints)
            for (var n = 1; n <= count; n++) await load.AddAsync(behaviour, $"{behaviour}-{n}", stop);
        load._began = await system.AskAsync<DateTime>("SELECT now()", stop);
        return load;
    }

    /// <summary>When there are no more events: until all is delivered that can be; then what does not agree, a sentence each.</summary>
    /// <param name="journal">Gets the counts.</param>
    /// <param name="mayRepeat">How many webhooks may have come twice: those on their way when a sender died, or could not record.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<IReadOnlyList<string>> EndAsync(Journal journal, int mayRepeat, CancellationToken stop)
    {
        var differences = new List<string>();
        try
        {
            await Eventually.TrueAsync(IsDeliveredAsync, stop, ToSettle);
        }
        catch (TimeoutException exception)
        {
            differences.Add($"webhooks: not everything is delivered: {exception.Message}");
        }

        await using (var command = _system.Database.CreateCommand(NotTold))
        {
            command.Parameters.AddWithValue(_began);
            if (await command.ExecuteScalarAsync(stop) is > 0L and var untold) differences.Add($"{untold} outcomes have no event");
        }

        var events = await EventsAsync(stop);
        var (repeated, late) = (0, 0);
        foreach (var (name, endpoint) in _endpoints.Where(one => one.Value.Behaviour is Receives.Well or Receives.Slowly))
        {
            var taken = _systems.Taken(name);
            var missing = events.Except(taken.Select(one => one.Id), StringComparer.Ordinal).ToArray();
            if (missing.Length > 0) differences.Add($"{name} never got {missing.Length} of {events.Count} events, such as {missing[0]}");
            if (taken.Count(one => !one.IsSigned) is > 0 and var unsigned) differences.Add($"{name} got {unsigned} that its secret has not signed");
            repeated += taken.Count - taken.Select(one => one.Id).Distinct(StringComparer.Ordinal).Count();
            late += OutOfOrder(taken);
        }

        if (repeated > mayRepeat) differences.Add($"{repeated} webhooks came twice, and at most {mayRepeat} could");
        journal.Say(
            $"webhooks: {events.Count} events, {_endpoints.Count} endpoints, {_systems}; {repeated} came twice, {late} after one of a higher sequence; "
            + $"deliveries: {await _system.AskAsync<string>(Deliveries, stop)}");
        return differences;
    }

    public ValueTask DisposeAsync() => _systems.DisposeAsync();

    private const string Deliveries =
        """
        SELECT coalesce(string_agg(line, ', '), 'none') FROM (
            SELECT format('%s %s in %s attempts', count(*), status, sum(attempts)) AS line FROM webhook_deliveries GROUP BY status ORDER BY 1) AS lines
        """;

    private static int OutOfOrder(IReadOnlyList<TakenWebhook> taken)
    {
        var (highest, late) = (0L, 0);
        foreach (var one in taken)
        {
            if (one.Sequence < highest) late++;
            else highest = one.Sequence;
        }

        return late;
    }

    private async Task AddAsync(Receives behaviour, string name, CancellationToken stop)
    {
        using var http = _system.CreateClient(RunningSystem.Ingest, TimeSpan.FromSeconds(30));
        http.DefaultRequestHeaders.Add("X-API-Key", RunningSystem.AdminKey);
        string[] types = [WebhookEvents.TransactionProcessed, WebhookEvents.TransactionFailed];
        using var answer = await http.PostAsJsonAsync("/webhooks/endpoints", new { url = _systems.UrlOf(behaviour, name), event_types = types }, stop);
        var endpoint = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(stop);
        _systems.Secrets[name] = WebhookSecret.Parse(endpoint.GetProperty("secret").GetString()!)!;
        _endpoints[name] = (endpoint.GetProperty("id").GetGuid(), behaviour);
    }

    private async Task<bool> IsDeliveredAsync(CancellationToken stop)
    {
        if (await _system.AskAsync<bool>("SELECT EXISTS (SELECT FROM webhook_events WHERE position IS NULL)", stop)) return false;
        await using var command = _system.Database.CreateCommand(
            "SELECT NOT EXISTS (SELECT FROM webhook_deliveries WHERE endpoint_id = ANY ($1) AND status = 'pending')");
        command.Parameters.AddWithValue(_endpoints.Values.Where(one => one.Behaviour is Receives.Well or Receives.Slowly).Select(one => one.Id).ToArray());
        return await command.ExecuteScalarAsync(stop) is true;
    }

    private async Task<IReadOnlyList<string>> EventsAsync(CancellationToken stop)
    {
        var events = new List<string>();
        await using var command = _system.Database.CreateCommand(
            "SELECT 'evt_' || replace(id::text, '-', '') FROM webhook_events WHERE type LIKE 'transaction.%'");
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop)) events.Add(row.GetString(0));
        return events;
    }
}
