using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LocalHosting.Processes;

namespace LocalHosting.Tests.Servers;

public sealed class KafkaTests
{
    private const string Topic = "orders";
    private const int Messages = 100;
    private const int Continue = 18; // SIGCONT

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_embedded_broker_carries_messages_and_remembers_offsets()
    {
        await using var app = await StartAsync("--KAFKA_HOME=", $"--LocalHosting:Topics:0={Topic}");
        await RoundTripAsync((await app.GetConnectionStringAsync("broker", Ct))!, PartitionAssignmentStrategy.Range);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_embedded_broker_goes_on_after_being_stopped_whichever_of_its_threads_the_signal_finds()
    {
        await using var app = await StartAsync("--KAFKA_HOME=", $"--LocalHosting:Topics:0={Topic}");

        // kill(2) with a thread's id: the kernel gives the signal to that thread if it takes signals.
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{app.ProcessIds("broker").Single()}/task")) _ = Posix.Kill(int.Parse(Path.GetFileName(thread)), Continue);

        await RoundTripAsync((await app.GetConnectionStringAsync("broker", Ct))!, PartitionAssignmentStrategy.Range);
    }

    [Fact]
    public async Task Real_Kafka_from_KAFKA_HOME_carries_messages_and_remembers_offsets()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME")))
            Assert.Skip("KAFKA_HOME is not set: the folder of a real Kafka, such as ../shared/kafka.");
        await using var app = await StartAsync();
        var bootstrap = (await app.GetConnectionStringAsync("broker", Ct))!;
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build())
            await admin.CreateTopicsAsync([new TopicSpecification { Name = Topic, NumPartitions = 12, ReplicationFactor = 1 }]);
        await RoundTripAsync(bootstrap, PartitionAssignmentStrategy.CooperativeSticky);
    }

    [Fact]
    public async Task An_external_broker_is_used_and_nothing_is_started()
    {
        await using var somebodys = await StartAsync("--KAFKA_HOME=");
        var bootstrap = await somebodys.GetConnectionStringAsync("broker", Ct);

        await using var app = await StartAsync($"--ConnectionStrings:broker={bootstrap}");

        Assert.Equal(bootstrap, await app.GetConnectionStringAsync("broker", Ct));
        Assert.Empty(app.ProcessIds("broker"));
        Assert.Single(somebodys.ProcessIds("broker"));
    }

    [Fact]
    public async Task A_KAFKA_HOME_without_jars_is_refused()
    {
        var builder = DistributedApplicationTestingBuilder.Create("--KAFKA_HOME=no/such/folder");
        builder.AddKafka("broker");
        await using var app = await builder.BuildAsync(Ct);

        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(Ct));

        Assert.Contains("KAFKA_HOME=no/such/folder leads to no folder with Kafka's jars", refusal.Message);
    }

    private static async Task<DistributedApplication> StartAsync(params string[] args)
    {
        var builder = DistributedApplicationTestingBuilder.Create(args);
        builder.AddKafka("broker").WithKafkaUI();
        var app = await builder.BuildAsync(Ct);
        await app.StartAsync(Ct);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("broker", Ct);
        return app;
    }

    private static async Task RoundTripAsync(string bootstrap, PartitionAssignmentStrategy strategy)
    {
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = bootstrap, EnableIdempotence = true }).Build())
        {
            var acks = Enumerable.Range(0, Messages).Select(i => producer.ProduceAsync(Topic, new() { Key = $"{i}", Value = $"value {i}" }, Ct));
            var reports = await Task.WhenAll(acks);
            Assert.All(reports, report => Assert.Equal(PersistenceStatus.Persisted, report.Status));
            Assert.InRange(reports.Max(report => report.Partition.Value), 1, 11);
        }
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"value {i}").Order(), Consume(bootstrap, strategy, Messages).Order());

        // What the group has committed it does not get again: a second member sees only what came after.
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = bootstrap }).Build())
            await producer.ProduceAsync(Topic, new() { Key = "later", Value = "later" }, Ct);
        Assert.Equal(["later"], Consume(bootstrap, strategy, 1));
    }

    private static List<string> Consume(string bootstrap, PartitionAssignmentStrategy strategy, int count)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "readers",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            SessionTimeoutMs = 6000,
            PartitionAssignmentStrategy = strategy,
        };
        using var consumer = new ConsumerBuilder<string, string>(config).Build();
        consumer.Subscribe(Topic);
        var values = new List<string>();
        while (values.Count < count)
            values.Add(consumer.Consume(Ct).Message.Value);
        consumer.Commit();
        consumer.Close();
        return values;
    }
}
