using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Support.Otlp;
using SpanKind = Support.Otlp.SpanKind;

namespace Support.Tests;

/// <summary>The receiver against the exporter that the services use.</summary>
public sealed class OtlpReceiverTests : IAsyncLifetime
{
    private static readonly ActivitySource Source = new("Support.Tests");
    private static readonly Meter Meter = new("Support.Tests");
    private static readonly ResourceBuilder Resource = ResourceBuilder.CreateEmpty().AddService("shop");

    private OtlpReceiver _receiver = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _receiver = await OtlpReceiver.StartAsync(Cancelled);

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task A_span_arrives_with_its_parent_links_kind_and_attributes()
    {
        using var tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource).AddSource(Source.Name)
            .AddOtlpExporter(otlp => To(otlp, "v1/traces")).Build();
        var linked = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        Activity parent, child;
        using (parent = Source.StartActivity("parent", ActivityKind.Server)!)
        using (child = Source.StartActivity("child", ActivityKind.Producer, default(ActivityContext), links: [new ActivityLink(linked)])!)
        {
            child.SetTag("text", "é").SetTag("count", 3).SetTag("ratio", 0.5).SetTag("yes", true).SetTag("list", new[] { "a", "b" });
            child.SetStatus(ActivityStatusCode.Error);
        }

        var spans = await _receiver.WaitForSpansAsync(all => all.Count == 2, Cancelled);

        var span = Assert.Single(spans, s => s.Name == "child");
        Assert.Equal(("shop", "Support.Tests", SpanKind.Producer, true), (span.Service, span.Source, span.Kind, span.Failed));
        Assert.Equal((parent.TraceId.ToHexString(), child.SpanId.ToHexString(), parent.SpanId.ToHexString()), (span.TraceId, span.SpanId, span.ParentSpanId));
        Assert.Equal([new SpanLink(linked.TraceId.ToHexString(), linked.SpanId.ToHexString())], span.Links);
        Assert.Equal(["é", 3L, 0.5, true, "a,b"], new[] { "text", "count", "ratio", "yes", "list" }.Select(key => span.Attributes[key]));
        Assert.Equal("", Assert.Single(spans, s => s.Name == "parent").ParentSpanId);
    }

    [Fact(Timeout = 60_000)]
    public async Task Metrics_arrive_with_their_last_values()
    {
        using var metering = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource).AddMeter(Meter.Name)
            .AddOtlpExporter(otlp => To(otlp, "v1/metrics")).Build();
        var counter = Meter.CreateCounter<long>("orders");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        metering.ForceFlush();
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(7, new KeyValuePair<string, object?>("kind", "b"));
        Meter.CreateHistogram<double>("seconds").Record(0.25);
        Meter.CreateGauge<double>("depth").Record(1.5);
        metering.ForceFlush();

        await _receiver.Metrics.WaitAsync(all => all.Any(point => point.Name == "depth"), Cancelled);

        Assert.Equal([("a", 5), ("b", 7)], _receiver.Last("orders").Select(p => ((string)p.Attributes["kind"]!, p.Value)).Order());
        Assert.Equal((0.25, 1), _receiver.Last("seconds").Select(p => (p.Value, p.Count)).Single());
        Assert.Equal(1.5, _receiver.Last("depth").Single().Value);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_log_record_arrives_with_its_trace()
    {
        using var logging = LoggerFactory.Create(builder => builder.AddOpenTelemetry(logs => logs
            .SetResourceBuilder(Resource).AddOtlpExporter(otlp => To(otlp, "v1/logs")).IncludeFormattedMessage = true));
        using var span = new Activity("logging").Start();
#pragma warning disable CA1848, CA1873 // One message, in a test.
        logging.CreateLogger("Orders").LogInformation("Sold {Count}", 3);
#pragma warning restore CA1848, CA1873

        var log = Assert.Single(await _receiver.Logs.WaitAsync(all => all.Count > 0, Cancelled));

        Assert.Equal(("shop", "Orders", span.TraceId.ToHexString(), "Sold 3"), (log.Service, log.Category, log.TraceId, log.Body));
        Assert.Equal(3L, log.Attributes["Count"]);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_did_not_come_is_told_with_what_did()
    {
        using var tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource).AddSource(Source.Name)
            .AddOtlpExporter(otlp => To(otlp, "v1/traces")).Build();
        Source.StartActivity("only this")!.Dispose();
        await _receiver.WaitForSpansAsync(all => all.Count == 1, Cancelled);

        var late = await Assert.ThrowsAsync<TimeoutException>(
            () => _receiver.WaitForSpansAsync(all => all.Count == 2, new CancellationToken(canceled: true)));

        Assert.Contains("shop: Internal \"only this\"", late.Message, StringComparison.Ordinal);
    }

    private void To(OtlpExporterOptions otlp, string path)
    {
        otlp.Endpoint = new Uri($"{_receiver.Endpoint}/{path}");
        otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
        otlp.ExportProcessorType = ExportProcessorType.Simple;
    }
}
