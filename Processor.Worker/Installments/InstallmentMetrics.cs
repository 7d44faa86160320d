using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Processor.Worker.Installments;

/// <summary>Counters and spans of the charges that this worker makes for installments. What is due and not taken is a gauge of the tables of work.</summary>
internal sealed class InstallmentMetrics
{
    private const string Name = "AspireWebhooks.Installments";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _charged;
    private readonly Counter<long> _superseded;

    public InstallmentMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _charged = meter.CreateCounter<long>(
            "aspirewebhooks.installments.charged", "{charge}", "Charges made for installments that were due, by the installment's status after");
        _superseded = meter.CreateCounter<long>("aspirewebhooks.installments.superseded", "{claim}", "Claims that ended before their charge");
    }

    public void Charged(string status) => _charged.Add(1, new KeyValuePair<string, object?>("status", status));

    public void Superseded() => _superseded.Add(1);

    /// <summary>The begin of a trace: an order's request is long over, and a trace of a year helps nobody. The charge's own steps are in this one.</summary>
    public static Activity? StartCharge(ClaimedInstallment claimed)
    {
        Activity.Current = null;
        return Source.StartActivity("charge installment")?
            .SetTag("aspirewebhooks.installment.id", claimed.Id).SetTag("aspirewebhooks.installment.order_id", claimed.OrderId);
    }
}
