using LocalHosting.EmbeddedKafka;

// A Kafka for development: librdkafka's built-in cluster behind a real TCP port, in memory.
// Arguments: the topics to create, 12 partitions each. First line of output: the bootstrap list. Ends on SIGTERM or when stdin is closed.
using var cluster = MockCluster.Start(topics: args, partitions: 12);
Console.WriteLine(cluster.Bootstrap);
await StopSignal.WaitAsync();
