using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace LocalHosting.EmbeddedKafka;

/// <summary>One broker of librdkafka's mock cluster, which lives as long as the client that it belongs to.</summary>
internal sealed class MockCluster : IDisposable
{
    private const int ErrorSize = 512, Broker = 1;

    /// <summary>A consumer that was killed is replaced after this; the mock cluster's own 30 s are long for a laptop.</summary>
    private const int SessionTimeoutMs = 6_000, HeartbeatIntervalMs = 1_000;

    private readonly nint _client, _cluster;

    private MockCluster(nint client, nint cluster) => (_client, _cluster) = (client, cluster);

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => IPEndPoint.Parse(Marshal.PtrToStringUTF8(Librdkafka.Bootstraps(_cluster))!);

    public static MockCluster Start(IReadOnlyList<string> topics, int partitions)
    {
        var client = SignalMask.WithoutSignals(CreateClient);
        var cluster = Librdkafka.MockClusterOf(client);
        Librdkafka.SetInitialRebalanceDelay(cluster, 0); // 3 s otherwise, before a group's first member has partitions.
        Librdkafka.SetConsumerSessionTimeout(cluster, SessionTimeoutMs);
        Librdkafka.SetConsumerHeartbeatInterval(cluster, HeartbeatIntervalMs);
        foreach (var topic in topics)
        {
            if (Librdkafka.CreateTopic(cluster, topic, partitions, replicationFactor: 1) is not 0 and var error)
                throw new InvalidOperationException($"Topic '{topic}' cannot be created: librdkafka's error {error}.");
        }

        return new(client, cluster);
    }

    /// <summary>Tells clients another port of 127.0.0.1 than the one it listens on.</summary>
    public void Advertise(int port) => Librdkafka.SetHostPort(_cluster, Broker, "127.0.0.1", port);

    public void Dispose() => Librdkafka.Destroy(_client);

    private static nint CreateClient()
    {
        var error = new byte[ErrorSize];
        var configuration = Librdkafka.NewConfiguration();
        if (Librdkafka.Set(configuration, "test.mock.num.brokers", "1", error, ErrorSize) != 0)
            throw new InvalidOperationException($"librdkafka has no mock cluster: {Text(error)}");
        var client = Librdkafka.NewClient(Librdkafka.Producer, configuration, error, ErrorSize);
        return client != 0 ? client : throw new InvalidOperationException($"librdkafka's mock cluster cannot be started: {Text(error)}");
    }

    private static string Text(byte[] error) => Encoding.UTF8.GetString(error).TrimEnd('\0');
}
