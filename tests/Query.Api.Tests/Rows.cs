using Npgsql;

namespace Query.Api.Tests;

/// <summary>Puts rows there as Ingest.Api and the worker would; one that is there already stays.</summary>
internal static class Rows
{
    private const string Insert =
        """
        INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, status,
            created_at, processed_at, failure_reason, next_publish_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $7)
        ON CONFLICT DO NOTHING
        """;

    public static async Task AddAsync(
        string connectionString,
        string id,
        string source = "acc_user_789",
        string destination = "acc_merchant_456",
        decimal amount = 150.50m,
        string currency = "USD",
        string status = "PROCESSED",
        string createdAt = "2024-01-15T10:30:00Z",
        string? processedAt = "2024-01-15T10:30:30Z",
        string? failureReason = null)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(Insert);
        foreach (var value in new object?[]
        {
            id, source, destination, amount, currency, status, Time(createdAt),
            status == "PROCESSING" || processedAt is null ? null : Time(processedAt), failureReason ?? (status == "FAILED" ? "Why." : null),
        }) command.Parameters.AddWithValue(value ?? DBNull.Value);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static DateTime Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime;
}
