using Aspire.Hosting.Testing;
using Confluent.Kafka;
using Contracts;

namespace AppHost.Tests;

/// <summary>Rows and records that the services themselves would not leave so.</summary>
internal static class Records
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A row as Ingest.Api leaves it when it dies before its record is sent. It has waited long enough, and the relay is an hour away.</summary>
    public static async Task InsertUnpublishedAsync(this RunningSystem system, string id)
    {
        await using var command = system.Database.CreateCommand(
            "INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, created_at, next_publish_at) " +
            "VALUES ($1, 'acc_a', 'acc_b', 12.5, 'USD', now() - interval '1 min', now() + interval '1 h')");
        command.Parameters.AddWithValue(id);
        await command.ExecuteNonQueryAsync(Stop);
    }

    /// <summary>A record in the topic of transactions, whatever its value is.</summary>
    public static async Task ProduceAsync(this RunningSystem system, string key, string value)
    {
        var config = new ProducerConfig { BootstrapServers = await system.App.GetConnectionStringAsync("broker", Stop) };
        using var producer = new ProducerBuilder<string, string>(config).Build();
        await producer.ProduceAsync(Topics.Transactions, new() { Key = key, Value = value }, Stop);
    }
}
