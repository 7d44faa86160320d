using LocalHosting.Servers;

namespace LocalHosting.Tests.Servers;

public sealed class KafkaHomeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aspire-webhooks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null), InlineData("")]
    public void None_is_found_where_none_is_asked_for(string? home) => Assert.Null(KafkaHome.Find(home, _folder));

    [Fact]
    public void A_relative_one_is_found_from_every_folder_above()
    {
        var jars = Directory.CreateDirectory(Path.Combine(_folder, "kafka", "libs")).FullName;
        File.WriteAllText(Path.Combine(jars, "kafka-clients-4.1.0.jar"), "");

        Assert.Equal(Path.Combine(_folder, "kafka"), KafkaHome.Find("kafka", Path.Combine(_folder, "repository", "AppHost")));
        Assert.Equal(Path.Combine(_folder, "kafka"), KafkaHome.Find("../kafka", Path.Combine(_folder, "repository", "AppHost")));
        Assert.Equal(Path.Combine(_folder, "kafka"), KafkaHome.Find(Path.Combine(_folder, "kafka"), "/"));
    }

    [Fact]
    public void One_without_jars_is_refused_with_what_to_write()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => KafkaHome.Find(_folder, "/"));

        Assert.Contains($"KAFKA_HOME={_folder} has no Kafka (libs/kafka-clients-*.jar)", refusal.Message);
        Assert.Contains("Write its whole path, or unset KAFKA_HOME", refusal.Message);
    }
}
