using Processor.Worker.Tests.Worlds;
using Support;
using Support.Otlp;

namespace Processor.Worker.Tests.Services;

/// <summary>Alone, as TraceTests: meters are found by name, so a worker of another test in this process would be counted too.</summary>
[CollectionDefinition(nameof(MetricsTests), DisableParallelization = true)]
[Collection(nameof(MetricsTests))]
[Trait("Kafka", "yes")]
public sealed class MetricsTests(Servers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_processed_is_counted_with_its_status_and_its_lateness()
    {
        await using var telemetry = await OtlpReceiver.StartAsync(Cancelled);
        await using var world = await World.CreateAsync(servers);
        var worker = world.StartWorker(null, [.. telemetry.Settings.Select(setting => (setting.Key, setting.Value))]);
        await world.AcceptAsync("txn_1", "txn_2");
        await world.UntilAllProcessedAsync();

        // They are moved after the update that the line above has seen.
        await Eventually.TrueAsync(
            _ =>
            {
                worker.FlushMetrics();
                return Task.FromResult(telemetry.Last("aspirewebhooks.processing.lateness").Any(lateness => lateness is { Count: 2, Value: >= 0 }));
            }, Cancelled);
        var processed = Assert.Single(telemetry.Last("aspirewebhooks.transactions.processed"));
        Assert.Equal((2d, "PROCESSED"), (processed.Value, processed.Attributes["status"]));
        Assert.Equal(12, Assert.Single(telemetry.Last("aspirewebhooks.processing.partitions")).Value);
    }
}
