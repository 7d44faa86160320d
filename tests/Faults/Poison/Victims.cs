using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Faults.Running;
using Support;

namespace Faults.Poison;

/// <summary>Transactions whose records are poison, one of each kind, repaired by an operator through the front door.</summary>
internal sealed class Victims(RunningSystem system, Flood flood)
{
    private readonly List<PoisonRecord> _records = [];

    /// <summary>Their ids begin with it.</summary>
    public string Prefix { get; } = $"victim_{system.Settings.Seed}_";

    public IReadOnlyList<PoisonRecord> Records => _records;

    /// <summary>
    /// The rows are there, as Ingest.Api leaves them when it dies before their records are sent; where the row is what is missing, the record alone.
    /// </summary>
    public async Task ProduceAsync(CancellationToken stop)
    {
        foreach (var kind in PoisonKind.All.Where(kind => kind.Reason == PoisonKind.Undecodable).Append(PoisonKind.Oversized).Append(PoisonKind.Nobodys))
        {
            var id = $"{Prefix}{_records.Count:d2}";
            if (kind.Reason == PoisonKind.Undecodable) await InsertAsync(id, stop);
            _records.Add(await flood.ProduceAsync(kind, id, stop));
        }
    }

    /// <summary>Sends each again, repaired, or from its row where the row was missing; what the front door did not answer with 200.</summary>
    public async Task<IReadOnlyList<string>> RedriveAsync(IReadOnlyList<StoredDeadLetter> letters, CancellationToken stop)
    {
        var refused = new List<string>();
        foreach (var record in _records)
        {
            if (record.Reason == PoisonKind.Unknown) await InsertAsync(record.Id, stop);
            var letter = letters.Single(l => l.Origin == record.Place);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/admin/dead-letters/{letter.Id}/redrive");
            request.Headers.Add("X-API-Key", RunningSystem.AdminKey);
            if (record.Reason == PoisonKind.Undecodable) request.Content = JsonContent.Create(Repaired(record.Id));
            using var response = await system.Door.SendAsync(request, stop);
            if (!response.IsSuccessStatusCode) refused.Add($"{record}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(stop)}");
        }

        return refused;
    }

    /// <summary>Waits until all of them are PROCESSED, and says how often each was sent to Processing__Url.</summary>
    public async Task<IReadOnlyList<int>> UntilProcessedAsync(CancellationToken stop)
    {
        await Eventually.TrueAsync(
            async token => await system.AskAsync<long>(
                $"SELECT count(*) FROM transactions WHERE transaction_id LIKE '{Prefix}%' AND status = 'PROCESSED'", token) == _records.Count,
            stop);
        return [.. _records.Select(record => system.Around.Receiver.Calls(record.Id).Count)];
    }

    private static JsonObject Repaired(string id) => new() { ["key"] = id, ["value"] = JsonNode.Parse(PoisonKind.Good(id)) };

    private async Task InsertAsync(string id, CancellationToken stop)
    {
        await using var command = system.Database.CreateCommand(
            "INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, next_publish_at) "
            + "VALUES ($1, 'acc_a', 'acc_b', 12.5, 'USD', now() + interval '1 h')");
        command.Parameters.AddWithValue(id);
        await command.ExecuteNonQueryAsync(stop);
    }
}
