using System.Text;
using System.Text.Json;
using Contracts;
using Data.Charges;
using Npgsql;

namespace Data.Installments;

/// <summary>
/// Makes the charge of an installment, in the transaction that has locked its order: the worker's when it is due, Ingest.Api's when a caller asks for it. The
/// installment's row and the charge are one commit, and a row that is processing is not chargeable: so there is one charge for an attempt, whoever asks,
/// however often, and whatever dies.
/// </summary>
public static class ChargeInstallment
{
    /// <summary>
    /// Charges it. An outcome that is known at once (the wallet pays all of it, or nothing can) is settled here too. Writes the order's rows.
    /// </summary>
    /// <param name="connection">In a transaction, which the caller commits with <see cref="Ledger.CommitLedger"/>: accounts are locked.</param>
    /// <param name="order">The order, locked in this transaction.</param>
    /// <param name="installment">One of its installments, which is chargeable.</param>
    /// <param name="chargeId">A new UUID of version 7.</param>
    /// <param name="traceParent">The trace that the charge belongs to; null for none.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<StartedCharge> RunAsync(
        NpgsqlConnection connection, LockedOrder order, Installment installment, Guid chargeId, string? traceParent, CancellationToken cancellationToken)
    {
        order.Begin(installment, chargeId);
        var started = await StartCharge.RunAsync(connection, ToCharge(order, installment, chargeId, traceParent), cancellationToken);
        var charge = started.Charge;
        if (charge.Status != ChargeStatus.Pending) order.Settle(installment, charge.Status == ChargeStatus.Succeeded, charge.FailureCode);
        await OrderRows.WriteAsync(connection, order, cancellationToken);
        return started;
    }

    /// <summary>
    /// The metadata of an installment's charge: its order's, and which installment it is. A member that the order has of that name is replaced.
    /// </summary>
    internal static string MetadataOf(InstallmentOrder order, Installment installment)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            using var own = JsonDocument.Parse(order.Metadata);
            writer.WriteStartObject();
            foreach (var member in own.RootElement.EnumerateObject().Where(member => member.Name is not ("installment_id" or "installment_order_id")))
            {
                writer.WritePropertyName(member.Name);
                writer.WriteRawValue(member.Value.GetRawText()); // As it was sent: 1.50 stays 1.50.
            }

            writer.WriteString("installment_id", installment.Id);
            writer.WriteString("installment_order_id", order.Id);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static NewCharge ToCharge(LockedOrder locked, Installment installment, Guid chargeId, string? traceParent)
    {
        var (order, currency) = (locked.Order, Currency.Find(locked.Order.Currency)!);
        return new(chargeId, order.CustomerId, installment.Amount, currency)
        {
            StripePaymentMethod = order.StripePaymentMethod,
            StripeCustomer = order.StripeCustomer,
            SplitInstructions = order.SplitInstructions,
            Parts = SplitInstructions.PartsOf(order.SplitInstructions, order.Amount, currency) is { } parts
                ? InstallmentPlan.PartsOf(parts, currency, [.. locked.Installments.Select(one => one.Amount)], installment.Number)
                : null,
            Metadata = MetadataOf(order, installment),
            InstallmentId = installment.Id,
            InstallmentOrderId = order.Id,
            TraceParent = traceParent,
            RelayAfter = TimeSpan.Zero, // Nobody else publishes it.
        };
    }
}
