using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Contracts;

namespace Processor.Worker.Migrations;

/// <summary>Creates the topics that are missing, or says which one and how, where the broker does not let it.</summary>
internal sealed partial class CreateTopics(IProducer<byte[], byte[]> producer, ILogger<CreateTopics> logger)
{
    private const short MaxReplicas = 3;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = logger;

    public async Task RunAsync()
    {
        using var admin = new DependentAdminClientBuilder(producer.Handle).Build();
        var metadata = await Task.Run(() => admin.GetMetadata(Timeout));
        var known = metadata.Topics.Where(topic => !topic.Error.IsError).Select(topic => topic.Topic).ToHashSet(StringComparer.Ordinal);
        var missing = Topics.All.Where(topic => !known.Contains(topic)).ToArray();
        if (missing.Length == 0)
        {
            UpToDate();
            return;
        }

        var replicas = (short)Math.Min(MaxReplicas, metadata.Brokers.Count);
        try
        {
            await admin.CreateTopicsAsync(
                missing.Select(topic => new TopicSpecification { Name = topic, NumPartitions = Topics.Partitions, ReplicationFactor = replicas }),
                new CreateTopicsOptions { RequestTimeout = Timeout });
        }
        catch (CreateTopicsException exception) when (exception.Results.All(r => r.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // Another one that was started at the same time has created them.
        }

        Created(string.Join(", ", missing), Topics.Partitions, replicas);
    }

    [LoggerMessage(63, LogLevel.Information, "The topics are there")]
    private partial void UpToDate();

    [LoggerMessage(64, LogLevel.Information, "Created the topics {Topics} with {Partitions} partitions and {Replicas} replicas")]
    private partial void Created(string topics, int partitions, short replicas);
}
