using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Contracts;

namespace Processor.Worker.Payments;

/// <summary>What payments tell OpenTelemetry. The bank's calls have spans and durations of .NET's own HTTP client.</summary>
internal sealed class PaymentMetrics
{
    private const string Name = "AspireWebhooks.Payments";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _settled;
    private readonly Counter<long> _steps;

    public PaymentMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _settled = meter.CreateCounter<long>("aspirewebhooks.payments.settled", "{payment}", "Settled by the worker, by type and status");
        _steps = meter.CreateCounter<long>("aspirewebhooks.payments.steps", "{step}", "What came of taking payments up");
    }

    public void Settled(string type, string status) =>
        _settled.Add(1, new KeyValuePair<string, object?>("type", type), new KeyValuePair<string, object?>("status", status));

    public void Stepped(PaymentStep step) => _steps.Add(1, new KeyValuePair<string, object?>("step", step.GetType().Name.ToLowerInvariant()));

    /// <summary>In the trace of the request that brought the payment.</summary>
    public static Activity? StartProcess(ClaimedPayment payment)
    {
        if (!Source.HasListeners()) return null;
        Activity.Current = null;
        _ = ActivityContext.TryParse(payment.TraceParent, null, isRemote: true, out var parent);
        var span = Source.StartActivity($"process {Topics.Payments}", ActivityKind.Consumer, parent);
        span?.SetTag("messaging.system", "kafka");
        span?.SetTag("messaging.operation.type", "process");
        span?.SetTag("messaging.destination.name", Topics.Payments);
        span?.SetTag("aspirewebhooks.payment.id", payment.Id.ToString(CultureInfo.InvariantCulture));
        return span;
    }
}
