using System.Diagnostics;
using System.Diagnostics.Metrics;
using Contracts;
using Processor.Worker.Kafka;

namespace Processor.Worker.Charges;

/// <summary>Counters and spans of charges and refunds. Requests to Stripe have the spans and durations of .NET's HTTP client.</summary>
internal sealed class ChargeMetrics
{
    private const string Name = "AspireWebhooks.Charges";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _settled;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _superseded;

    public ChargeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _settled = meter.CreateCounter<long>("aspirewebhooks.charges.settled", "{charge}", "Settled by the worker, by kind (charge, refund) and status");
        _steps = meter.CreateCounter<long>("aspirewebhooks.charges.steps", "{step}", "Steps of claimed Stripe requests, by what was recorded");
        _superseded = meter.CreateCounter<long>("aspirewebhooks.charges.superseded", "{step}", "Steps dropped because the claim had ended, by step");
    }

    public void Settled(string kind, string status) =>
        _settled.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("status", status));

    public void Stepped(StripeStep step) => _steps.Add(1, new KeyValuePair<string, object?>("step", step.GetType().Name.ToLowerInvariant()));

    /// <summary>A worker reached this step after its claim had ended.</summary>
    public void Superseded(string step) => _superseded.Add(1, new KeyValuePair<string, object?>("step", step));

    /// <summary>A span in the trace of the request that created the charge.</summary>
    public static Activity? StartProcess(ClaimedStripeRequest request) =>
        KafkaMessage.StartProcess(Source, Topics.Charges, request.TraceParent)?.SetTag($"aspirewebhooks.{request.Kind}.id", $"{request.Id}");
}
