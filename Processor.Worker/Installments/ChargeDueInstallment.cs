using System.Diagnostics;
using Data.Installments;
using Data.Ledger;
using Npgsql;

namespace Processor.Worker.Installments;

/// <summary>
/// Charges a claimed installment in one transaction: the charge, and the installment that is processing because of it. What Stripe is to be asked for is a row
/// that the relay publishes. Guarantee: one charge for each attempt.
/// <list type="bullet">
/// <item>Dies before the commit: there is no charge, and the installment is claimed again when the lease ends.</item>
/// <item>Dies after it: the installment is not due any more; its charge goes on by itself.</item>
/// <item>Is paused past its lease: another worker's claim has raised the number, and this one ends without a charge.</item>
/// <item>The order was cancelled, or a caller had the installment charged, after the claim: it is not chargeable any more; no charge.</item>
/// </list>
/// </summary>
internal sealed partial class ChargeDueInstallment(
    NpgsqlDataSource database, InstallmentMetrics metrics, TimeProvider clock, ILogger<ChargeDueInstallment> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Charges it; throws only what the database throws.</summary>
    public async Task RunAsync(ClaimedInstallment claimed)
    {
        using var span = InstallmentMetrics.StartCharge(claimed);
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        if (await OrderRows.LockAsync(connection, claimed.OrderId, CancellationToken.None) is not { } order) return; // Removed by hand.
        var installment = order[claimed.Id];
        if (installment.Claim != claimed.Claim)
        {
            metrics.Superseded();
            Superseded(claimed.Id, claimed.Claim);
            return;
        }

        if (!order.IsChargeable(installment)) return;
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var started = await ChargeInstallment.RunAsync(connection, order, installment, id, Activity.Current?.Id, CancellationToken.None);
        await CommitLedger.RunAsync(transaction, CancellationToken.None);
        metrics.Charged(installment.Status);
        Charged(installment.Number, claimed.OrderId, installment.Attempts, started.Charge.Id, installment.Status);
    }

    [LoggerMessage(195, LogLevel.Information, "Installment {Number} of order {OrderId}, attempt {Attempt}: charge {ChargeId}, {Status}")]
    private partial void Charged(int number, Guid orderId, int attempt, Guid chargeId, string status);

    [LoggerMessage(196, LogLevel.Warning,
        "Installment {InstallmentId}: claim {Claim} ended before its charge, which is dropped: this worker stood still for longer than Installments__Lease")]
    private partial void Superseded(Guid installmentId, long claim);
}
