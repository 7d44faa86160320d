using System.Runtime.InteropServices;
using System.Text;

namespace LocalHosting.EmbeddedKafka;

/// <summary>One broker of librdkafka's built-in cluster, held up by the client that it belongs to.</summary>
internal sealed class MockCluster : IDisposable
{
    private const int ErrorSize = 512;

    private readonly nint _client;

    private MockCluster(nint client, string bootstrap) => (_client, Bootstrap) = (client, bootstrap);

    /// <summary>Such as <c>127.0.0.1:41234</c>.</summary>
    public string Bootstrap { get; }

    public static MockCluster Start(IReadOnlyList<string> topics, int partitions)
    {
        var client = SignalMask.WithoutSignals(CreateClient);
        var cluster = Librdkafka.MockClusterOf(client);
        foreach (var topic in topics)
        {
            var error = Librdkafka.CreateTopic(cluster, topic, partitions, replicationFactor: 1);
            if (error != 0)
                throw new InvalidOperationException($"Topic '{topic}' cannot be created: librdkafka's error {error}.");
        }
        return new(client, Marshal.PtrToStringUTF8(Librdkafka.Bootstraps(cluster))!);
    }

    public void Dispose() => Librdkafka.Destroy(_client);

    private static nint CreateClient()
    {
        var error = new byte[ErrorSize];
        var configuration = Librdkafka.NewConfiguration();
        if (Librdkafka.Set(configuration, "test.mock.num.brokers", "1", error, ErrorSize) != 0)
            throw new InvalidOperationException($"librdkafka has no built-in cluster: {Text(error)}");
        var client = Librdkafka.NewClient(Librdkafka.Producer, configuration, error, ErrorSize);
        return client != 0 ? client : throw new InvalidOperationException($"librdkafka's cluster cannot be started: {Text(error)}");
    }

    private static string Text(byte[] error) => Encoding.UTF8.GetString(error).TrimEnd('\0');
}
