using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Contracts;

namespace Processor.Worker.Migrations;

/// <summary>Creates the topics that are missing, or says which one and how, where the broker does not let it.</summary>
internal sealed partial class CreateTopics(IAdminClient admin, ILogger<CreateTopics> logger)
{
    private const short MaxReplicas = 3;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = logger;

    public async Task RunAsync()
    {
        var metadata = await Task.Run(() => admin.GetMetadata(Timeout));
        var known = metadata.Topics.Where(topic => !topic.Error.IsError).Select(topic => topic.Topic).ToHashSet(StringComparer.Ordinal);
        var missing = Topics.All.Where(topic => !known.Contains(topic)).ToArray();
        foreach (var topic in metadata.Topics.Where(t => Topics.All.Contains(t.Topic) && !t.Error.IsError && t.Partitions.Count != Topics.Partitions))
            OtherPartitions(topic.Topic, topic.Partitions.Count, Topics.Partitions);
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

    [LoggerMessage(65, LogLevel.Warning,
        "The topic {Topic} has {Actual} partitions instead of {Expected}: /health/worker will not be HEALTHY. Create it anew, or give it as many")]
    private partial void OtherPartitions(string topic, int actual, int expected);

    [LoggerMessage(64, LogLevel.Information, "Created the topics {Topics} with {Partitions} partitions and {Replicas} replicas")]
    private partial void Created(string topics, int partitions, short replicas);
}
