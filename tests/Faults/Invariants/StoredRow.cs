using Faults.Running;

namespace Faults.Invariants;

/// <summary>A row of transactions.</summary>
internal sealed record StoredRow(
    string Id, decimal Amount, string Currency, string Source, string Destination, string Status, DateTimeOffset CreatedAt, DateTimeOffset? ProcessedAt,
    string? Reason)
{
    public static async Task<Dictionary<string, StoredRow>> ReadAllAsync(RunningSystem system, CancellationToken stop)
    {
        await using var command = system.Database.CreateCommand(
            """
            SELECT transaction_id, amount, currency, source_account, destination_account, status, created_at, processed_at, failure_reason
            FROM transactions
            """);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var rows = new Dictionary<string, StoredRow>(StringComparer.Ordinal);
        while (await reader.ReadAsync(stop))
        {
            rows.Add(reader.GetString(0), new StoredRow(
                reader.GetString(0), reader.GetDecimal(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
                reader.GetDateTime(6), await reader.IsDBNullAsync(7, stop) ? null : reader.GetDateTime(7),
                await reader.IsDBNullAsync(8, stop) ? null : reader.GetString(8)));
        }

        return rows;
    }
}
