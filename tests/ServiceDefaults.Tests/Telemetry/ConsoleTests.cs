using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults.Tests.Telemetry;

/// <summary>How the console is written, and how durations are counted.</summary>
public sealed class ConsoleTests
{
    [Fact]
    public async Task Lines_are_for_people_unless_a_setting_says_json()
    {
        await using var lines = await TestService.StartAsync();
        await using var json = await TestService.StartAsync(settings: [new("Logging__Console__FormatterName", "json")]);

        Assert.Equal(("lines", "json"), (FormatterOf(lines), FormatterOf(json)));
        var options = json.Services.GetRequiredService<IOptionsMonitor<JsonConsoleFormatterOptions>>().CurrentValue;
        Assert.True(options is { IncludeScopes: true, UseUtcTimestamp: true, TimestampFormat: "yyyy-MM-ddTHH:mm:ss.fffZ" });
    }

    [Fact]
    public void Our_durations_have_buckets_of_milliseconds_and_nothing_else_is_changed()
    {
        using var ours = new Meter("AspireWebhooks.Shop");
        using var others = new Meter("Shop");
        Assert.Contains(0.25, ((ExplicitBucketHistogramConfiguration)TelemetryExtensions.BucketsOf(ours.CreateHistogram<double>("a", "s"))!).Boundaries!);
        Assert.Null(TelemetryExtensions.BucketsOf(ours.CreateHistogram<int>("b", "{order}")));
        Assert.Null(TelemetryExtensions.BucketsOf(ours.CreateCounter<long>("c", "s")));
        Assert.Null(TelemetryExtensions.BucketsOf(others.CreateHistogram<double>("d", "s")));
    }

    private static string? FormatterOf(TestService service) =>
        service.Services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue.FormatterName;
}
