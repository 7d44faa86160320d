using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace AppHost.Tests;

/// <summary>
/// Settings that cannot be are refused before anything is built. In this process: a program of its own takes seconds of processor to say one sentence.
/// That it then says nothing else, ends with 1 and leaves nothing is seen once, with a taken port (LocalHosting.Tests, PortTests): every refusal goes
/// the same way.
/// </summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("Servers=nonsense", "Servers=nonsense is neither processes nor containers. Leave it out to have containers where an engine runs.")]
    [InlineData("KAFKA_HOME=/no/such/folder", "KAFKA_HOME=/no/such/folder has no Kafka (libs/kafka-clients-*.jar)")]
    public async Task A_setting_that_cannot_be_is_refused_with_what_to_write(string setting, string refusal)
    {
        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["--Port=0", $"--{setting}"], TestContext.Current.CancellationToken));

        Assert.StartsWith(refusal, exception.Message, StringComparison.Ordinal);
    }
}
