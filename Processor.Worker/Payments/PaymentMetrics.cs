using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Contracts;
using Processor.Worker.Kafka;

namespace Processor.Worker.Payments;

/// <summary>Counters and spans of payments. Calls of the bank have the spans and durations of .NET's HTTP client.</summary>
internal sealed class PaymentMetrics
{
    private const string Name = "AspireWebhooks.Payments";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _settled;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _superseded;

    public PaymentMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _settled = meter.CreateCounter<long>("aspirewebhooks.payments.settled", "{payment}", "Settled by the worker, by type and status");
        _steps = meter.CreateCounter<long>("aspirewebhooks.payments.steps", "{step}", "Steps of claimed payments, by what was recorded");
        _superseded = meter.CreateCounter<long>("aspirewebhooks.payments.superseded", "{step}", "Steps dropped because the claim had ended, by step");
    }

    public void Settled(string type, string status) =>
        _settled.Add(1, new KeyValuePair<string, object?>("type", type), new KeyValuePair<string, object?>("status", status));

    public void Stepped(PaymentStep step) => _steps.Add(1, new KeyValuePair<string, object?>("step", step.GetType().Name.ToLowerInvariant()));

    /// <summary>A worker reached this step after its claim had ended.</summary>
    public void Superseded(string step) => _superseded.Add(1, new KeyValuePair<string, object?>("step", step));

    /// <summary>A span in the trace of the request that created the payment.</summary>
    public static Activity? StartProcess(ClaimedPayment payment) =>
        KafkaMessage.StartProcess(Source, Topics.Payments, payment.TraceParent)?
            .SetTag("aspirewebhooks.payment.id", payment.Id.ToString(CultureInfo.InvariantCulture));
}
