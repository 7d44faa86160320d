using System.Diagnostics;
using System.Diagnostics.Metrics;
using Contracts;
using Data.Webhooks;
using Processor.Worker.Kafka;
using ServiceDefaults.Outbound;

namespace Processor.Worker.Webhooks;

/// <summary>Counters, durations and spans of outbound webhooks. Requests have the spans of .NET's HTTP client within.</summary>
internal sealed class WebhookMetrics
{
    private const string Name = "AspireWebhooks.Webhooks";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _events, _deliveries, _sent, _superseded;
    private readonly Histogram<double> _duration, _delay;
    private readonly TimeProvider _clock;

    public WebhookMetrics(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create(Name);
        _events = meter.CreateCounter<long>("aspirewebhooks.webhooks.events", "{event}", "Fanned out");
        _deliveries = meter.CreateCounter<long>("aspirewebhooks.webhooks.deliveries", "{delivery}", "Made by fanning out");
        _sent = meter.CreateCounter<long>("aspirewebhooks.webhooks.sent", "{attempt}", "Sent, by what followed: delivered, pending (a retry), failed");
        _superseded = meter.CreateCounter<long>("aspirewebhooks.webhooks.superseded", "{attempt}", "Sent under a claim that had ended: possibly twice");
        _duration = meter.CreateHistogram<double>("aspirewebhooks.webhooks.duration", "s", "Of sending one, to the answer's end or the failure");
        _delay = meter.CreateHistogram<double>("aspirewebhooks.webhooks.delay", "s", "From the event to its first delivery's answer");
    }

    public void FannedOut(int events, int deliveries)
    {
        _events.Add(events);
        _deliveries.Add(deliveries);
    }

    public void Sent(ClaimedDelivery delivery, SendResult result, DeliveryStep step, bool? isRecorded)
    {
        _sent.Add(1, new KeyValuePair<string, object?>("status", step.Status));
        _duration.Record(result.Duration.TotalSeconds, new KeyValuePair<string, object?>("http.response.status_code", result.Status));
        if (isRecorded != true) _superseded.Add(1);
        if (step.Status == DeliveryStatus.Delivered && delivery.Tries == 0)
            _delay.Record((_clock.GetUtcNow() - delivery.Event.CreatedAt).TotalSeconds);
    }

    /// <summary>A span of sending a delivery, in the trace of what its event tells of.</summary>
    public static Activity? StartSend(ClaimedDelivery delivery) => KafkaMessage.StartProcess(Source, Topics.Deliveries, delivery.Event.TraceParent)?
        .SetTag("aspirewebhooks.webhook.id", EventBody.IdOf(delivery.Event.Id))
        .SetTag("aspirewebhooks.webhook.endpoint", $"{delivery.Endpoint.Id}")
        .SetTag("aspirewebhooks.webhook.type", delivery.Event.Type);
}
