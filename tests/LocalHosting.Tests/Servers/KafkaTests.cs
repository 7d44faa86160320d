using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LocalHosting.Servers;
using Support;

namespace LocalHosting.Tests.Servers;

/// <summary>The broker that a test gets: Apache Kafka where KAFKA_HOME is set, else the embedded one.</summary>
[Trait("Kafka", "yes")]
public sealed class KafkaTests
{
    private const string Topic = "orders";
    private const int Messages = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static bool IsApaches => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME"));

    [Fact(Timeout = 180_000)]
    public async Task It_carries_messages_and_remembers_offsets_by_either_protocol_of_groups()
    {
        await using var broker = await StartAsync();
        var sent = await ProduceAsync(broker, Messages);

        foreach (var protocol in (GroupProtocol[])[GroupProtocol.Classic, GroupProtocol.Consumer])
        {
            Assert.Equal(sent.Order(), Consume(broker, protocol, sent.Count).Order());

            // What the group has committed it does not get again: a second member sees only what came after.
            var later = await ProduceAsync(broker, 1);
            Assert.Equal(later, Consume(broker, protocol, 1));
            sent.AddRange(later);
        }
    }

    [Fact(Timeout = 180_000)]
    public async Task Clients_come_back_by_themselves_after_it_was_killed_and_started_again_on_its_port()
    {
        await using var broker = await StartAsync();
        using var producer = Producer(broker);
        using var consumer = Consumer(broker, "readers", GroupProtocol.Classic);
        consumer.Subscribe(Topic);
        await producer.ProduceAsync(Topic, new() { Value = "before" }, Ct);
        Assert.Equal("before", consumer.Consume(Ct).Message.Value);

        await broker.KillAsync();
        await broker.StartAgainAsync();

        await Eventually.GetAsync(
            stop => producer.ProduceAsync(Topic, new() { Value = "after" }, stop), report => report.Status == PersistenceStatus.Persisted, Ct);
        while (consumer.Consume(Ct).Message.Value != "after")
        {
            // Apache Kafka has kept what was before.
        }
    }

    [Fact(Timeout = 180_000)]
    public async Task The_embedded_one_goes_on_after_being_stopped_whichever_of_its_threads_the_signal_finds()
    {
        Assert.SkipWhen(IsApaches, "KAFKA_HOME is set: this is about the embedded broker.");
        await using var broker = await StartAsync();

        // kill(2) with a thread's id: the kernel gives the signal to that thread if it takes signals.
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{broker.ProcessId}/task")) Posix.Signal(int.Parse(Path.GetFileName(thread)), Posix.Cont);

        var sent = await ProduceAsync(broker, Messages);
        Assert.Equal(sent.Order(), Consume(broker, GroupProtocol.Consumer, Messages).Order());
    }

    [Fact(Timeout = 180_000)]
    public async Task Apaches_keeps_messages_and_offsets_when_it_is_killed()
    {
        Assert.SkipUnless(IsApaches, "KAFKA_HOME is not set: the folder of an Apache Kafka, such as ../shared/kafka.");
        await using var broker = await StartAsync();
        await ProduceAsync(broker, Messages);
        Consume(broker, GroupProtocol.Consumer, Messages);
        var later = await ProduceAsync(broker, 1);

        await broker.KillAsync();
        await broker.StartAgainAsync();

        Assert.Equal(later, Consume(broker, GroupProtocol.Consumer, 1));
    }

    private static async Task<LocalServer> StartAsync()
    {
        var broker = await LocalServer.StartKafkaAsync(Topic);
        if (!IsApaches) return broker;
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.ConnectionString }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = Topic, NumPartitions = 12, ReplicationFactor = 1 }]);
        return broker;
    }

    private static async Task<List<string>> ProduceAsync(LocalServer broker, int count)
    {
        using var producer = Producer(broker);
        var values = Enumerable.Range(0, count).Select(_ => $"value {Guid.NewGuid()}").ToList();
        var reports = await Task.WhenAll(values.Select(value => producer.ProduceAsync(Topic, new() { Key = value, Value = value }, Ct)));
        Assert.All(reports, report => Assert.Equal(PersistenceStatus.Persisted, report.Status));
        if (count > 1) Assert.InRange(reports.Max(report => report.Partition.Value), 1, 11);
        return values;
    }

    private static List<string> Consume(LocalServer broker, GroupProtocol protocol, int count)
    {
        using var consumer = Consumer(broker, $"readers by {protocol}", protocol);
        consumer.Subscribe(Topic);
        var values = new List<string>();
        while (values.Count < count) values.Add(consumer.Consume(Ct).Message.Value);
        consumer.Commit();
        consumer.Close();
        return values;
    }

    private static IProducer<string, string> Producer(LocalServer broker) =>
        new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.ConnectionString, EnableIdempotence = true })
            .SetLogHandler((_, _) => { }).Build();

    private static IConsumer<string, string> Consumer(LocalServer broker, string group, GroupProtocol protocol) =>
        new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = broker.ConnectionString,
            GroupId = group,
            GroupProtocol = protocol,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        }).SetLogHandler((_, _) => { }).Build();
}
