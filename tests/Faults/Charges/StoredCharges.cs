using Faults.Running;
using Npgsql;

namespace Faults.Charges;

/// <summary>A row of charges; its key is in its metadata, an installment's has its order's.</summary>
internal sealed record StoredCharge(
    Guid Id, string? Key, string Customer, decimal Amount, string Status, decimal Wallet, decimal External, string? Intent, string? FailureCode,
    Guid? InstallmentId);

/// <summary>A row of refunds.</summary>
internal sealed record StoredRefund(Guid Id, string? Key, Guid ChargeId, string Customer, string Status, decimal Wallet, decimal External, string? StripeId);

/// <summary>A row of installments, with its order's.</summary>
internal sealed record StoredInstallment(
    Guid Id, Guid OrderId, string? OrderKey, string OrderStatus, decimal OrderAmount, decimal Amount, string Status, Guid? ChargeId, int Attempts,
    int MostAttempts);

/// <summary>What is stored of these customers, and what Stripe says.</summary>
internal sealed record StoredCharges(
    IReadOnlyList<StoredCharge> Charges, IReadOnlyList<StoredRefund> Refunds, IReadOnlyList<StoredInstallment> Installments,
    IReadOnlyDictionary<string, decimal> Wallets, IReadOnlyList<Intent> Intents, IReadOnlyList<StripeRefund> StripeRefunds)
{
    private const string OfCharges =
        $"""
        SELECT id, metadata->>'key', customer_id, amount, status, wallet_amount, external_amount, external_charge_id, failure_code, installment_id
        FROM charges WHERE {ChargingCustomers.AreThese} ORDER BY created_at, id
        """;

    private const string OfOthers = $"SELECT id::text FROM charges WHERE NOT {ChargingCustomers.AreThese}";

    private const string OfRefunds =
        $"""
        SELECT r.id, r.reason, r.charge_id, c.customer_id, r.status, r.wallet_amount, r.external_amount, r.external_refund_id
        FROM refunds r JOIN charges c ON c.id = r.charge_id WHERE c.{ChargingCustomers.AreThese}
        """;

    private const string OfInstallments =
        $"""
        SELECT i.id, o.id, o.metadata->>'key', o.status, o.amount, i.amount, i.status, i.charge_id, i.attempts, cardinality(o.dunning) + 1
        FROM installments i JOIN installment_orders o ON o.id = i.order_id WHERE o.{ChargingCustomers.AreThese} ORDER BY o.id, i.number
        """;

    private const string OfWallets = "SELECT substr(owner, 8), balance FROM accounts WHERE owner LIKE 'wallet:%'";

    public static async Task<StoredCharges> ReadAsync(RunningSystem system, StripeAccount stripe, CancellationToken stop) => new(
        await ReadAsync(system, OfCharges, row => new StoredCharge(
            row.GetGuid(0), Text(row, 1), row.GetString(2), row.GetDecimal(3), row.GetString(4), row.GetDecimal(5), row.GetDecimal(6), Text(row, 7),
            Text(row, 8), Id(row, 9)), stop),
        await ReadAsync(system, OfRefunds, row => new StoredRefund(
            row.GetGuid(0), Text(row, 1), row.GetGuid(2), row.GetString(3), row.GetString(4), row.GetDecimal(5), row.GetDecimal(6), Text(row, 7)), stop),
        await ReadAsync(system, OfInstallments, row => new StoredInstallment(
            row.GetGuid(0), row.GetGuid(1), Text(row, 2), row.GetString(3), row.GetDecimal(4), row.GetDecimal(5), row.GetString(6), Id(row, 7), row.GetInt32(8),
            row.GetInt32(9)), stop),
        (await ReadAsync(system, OfWallets, row => (row.GetString(0), row.GetDecimal(1)), stop)).ToDictionary(StringComparer.Ordinal),
        await ReadIntentsAsync(system, stripe, stop),
        await stripe.ReadRefundsAsync(stop));

    private static async Task<Intent[]> ReadIntentsAsync(RunningSystem system, StripeAccount stripe, CancellationToken stop)
    {
        var others = (await ReadAsync(system, OfOthers, row => row.GetString(0), stop)).ToHashSet(StringComparer.Ordinal);
        return [.. (await stripe.ReadIntentsAsync(stop)).Where(intent => !others.Contains(intent.ChargeId ?? ""))];
    }

    private static async Task<List<T>> ReadAsync<T>(RunningSystem system, string sql, Func<NpgsqlDataReader, T> read, CancellationToken stop)
    {
        await using var command = system.Database.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync(stop);
        var rows = new List<T>();
        while (await row.ReadAsync(stop)) rows.Add(read(row));
        return rows;
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static Guid? Id(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);
}
