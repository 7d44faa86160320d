using System.Net;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using Confluent.Kafka;
using Contracts;
using Support;

namespace AppHost.Tests;

/// <summary>Many at once, with repeats and contradictions among them.</summary>
public class BurstTests(RunningSystem system)
{
    private static readonly TimeSpan KafkaLimit = TimeSpan.FromSeconds(10);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task A_thousand_at_once_with_300_duplicates_and_50_conflicts_leave_one_row_each_all_PROCESSED_all_offsets_committed()
    {
        var run = Guid.NewGuid().ToString("N")[..12];
        var webhooks = Enumerable.Range(0, 650).Select(i => RunningSystem.Webhook($"burst_{run}_{i}", amount: $"{i + 1}.25")).ToList();
        var duplicates = webhooks.Take(300).Select(w => (JsonObject)w.DeepClone());
        var conflicts = webhooks.Skip(300).Take(50).Select(w => Changed(w));
        var all = webhooks.Concat(duplicates).Concat(conflicts).ToArray();
        new Random(4711).Shuffle(all);

        var answers = await Task.WhenAll(all.Select(webhook => system.SendAsync(webhook, Stop)));

        Assert.Equal(1_000, answers.Length);
        var others = answers.Where(a => a.Status is not (HttpStatusCode.Accepted or HttpStatusCode.Conflict)).Select(a => $"{a.Body["detail"]}");
        Assert.False(others.Any(), string.Join("; ", others.CountBy(detail => detail)));
        Assert.Equal(950, answers.Count(a => a.Status == HttpStatusCode.Accepted));
        Assert.Equal(300, answers.Count(a => a.Status == HttpStatusCode.Accepted && a.Body["duplicate"]!.GetValue<bool>()));
        Assert.Equal(50, answers.Count(a => a.Status == HttpStatusCode.Conflict));

        var statuses = await Eventually.GetAsync(
            stop => StatusesAsync(run, stop), s => s.All(status => status == "PROCESSED"), Stop, deadline: 3 * RunningSystem.Delay);
        Assert.Equal(650, statuses.Count);

        using var broker = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = await system.App.GetConnectionStringAsync("broker", Stop), GroupId = "processor-worker" }).Build();
        var ends = await Task.Run(() => Ends(broker), Stop);
        await Eventually.TrueAsync(_ => Task.Run(() => AreCommitted(broker, ends)), Stop);
    }

    private static JsonObject Changed(JsonObject webhook)
    {
        var other = (JsonObject)webhook.DeepClone();
        other["destination_account"] = "acc_somebody_else";
        return other;
    }

    private async Task<IReadOnlyList<string>> StatusesAsync(string run, CancellationToken stop)
    {
        await using var command = system.Database.CreateCommand($"SELECT status FROM transactions WHERE transaction_id LIKE 'burst_{run}_%'");
        await using var reader = await command.ExecuteReaderAsync(stop);
        var statuses = new List<string>();
        while (await reader.ReadAsync(stop)) statuses.Add(reader.GetString(0));
        return statuses;
    }

    /// <summary>Where each partition ends now. Other tests go on to send, so the end moves, and what they sent is not due for 30 s.</summary>
    private static TopicPartitionOffset[] Ends(IConsumer<byte[], byte[]> broker) =>
    [
        .. Enumerable.Range(0, Topics.Partitions).Select(p => new TopicPartition(Topics.Transactions, p))
            .Select(p => new TopicPartitionOffset(p, broker.QueryWatermarkOffsets(p, KafkaLimit).High)),
    ];

    /// <summary>Asks the broker, not the worker: the group's committed offset of every partition that has records has reached that end.</summary>
    private static bool AreCommitted(IConsumer<byte[], byte[]> broker, TopicPartitionOffset[] ends) =>
        broker.Committed(ends.Select(end => end.TopicPartition), KafkaLimit).Zip(ends).All(pair => pair.First.Offset.Value >= pair.Second.Offset.Value
            || pair.Second.Offset.Value == 0);
}
