using LocalHosting.EmbeddedKafka;

// A Kafka broker for development: librdkafka's mock cluster, in memory.   LocalHosting.EmbeddedKafka PORT TOPIC...
// PORT 0 is a free one. First line of output: the bootstrap list. Ends on SIGTERM and SIGINT; with ENDS_WITH_STDIN set also when standard input ends.
using var cluster = MockCluster.Start(topics: args[1..], partitions: 12);
using var door = new Forwarder(int.Parse(args[0]), to: cluster.Address);
cluster.Advertise(door.Port);
Console.WriteLine($"127.0.0.1:{door.Port}");
await StopSignal.WaitAsync();
