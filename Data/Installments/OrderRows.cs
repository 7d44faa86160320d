using System.Collections.Immutable;
using Contracts;
using Data.Webhooks;
using Npgsql;
using NpgsqlTypes;

namespace Data.Installments;

/// <summary>
/// Locks, reads and writes the rows of an order and its installments, all of them together. Whoever changes one of them locks the order first and then all of
/// its installments, by number: so no two changes of an order run side by side, and none deadlocks. A charge's row is locked before, accounts after.
/// </summary>
public static class OrderRows
{
    private const string OrderColumns =
        """
        id, customer_id, amount, currency, installment_count, installment_amount, status, time_zone, stripe_payment_method, stripe_customer, dunning,
        split_instructions, metadata, created_at, updated_at
        """;

    private const string InstallmentColumns =
        "id, order_id, number, amount, due_date, due_at, status, charge_id, attempts, next_attempt_at, claim, claimed_until, created_at, updated_at";

    private const string LockOrder = $"SELECT {OrderColumns}, now(), business_now() FROM installment_orders WHERE id = $1 FOR UPDATE";

    private const string LockInstallments = $"SELECT {InstallmentColumns} FROM installments WHERE order_id = $1 ORDER BY number FOR UPDATE";

    private const string OrderOf = "SELECT order_id FROM installments WHERE id = $1";

    private const string WriteOrder = "UPDATE installment_orders SET status = $2, updated_at = $3 WHERE id = $1";

    private const string WriteInstallments =
        """
        UPDATE installments AS i
        SET status = c.status, charge_id = c.charge_id, attempts = c.attempts, next_attempt_at = c.next_attempt_at, claimed_until = NULL,
            updated_at = c.updated_at
        FROM unnest($1, $2, $3, $4, $5, $6) AS c (id, status, charge_id, attempts, next_attempt_at, updated_at)
        WHERE i.id = c.id
        """;

    /// <summary>Locks and reads an order; null when there is none. One round trip.</summary>
    /// <param name="connection">In a transaction; READ COMMITTED, PostgreSQL's default. The rows stay locked until it ends.</param>
    /// <param name="orderId">The order.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<LockedOrder?> LockAsync(NpgsqlConnection connection, Guid orderId, CancellationToken cancellationToken)
    {
        // Two statements: the second sees what others committed while the first waited for the lock.
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(LockOrder) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = orderId } } });
        batch.BatchCommands.Add(new(LockInstallments) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = orderId } } });
        await batch.PrepareAsync(cancellationToken);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var (order, now, businessNow) = (ReadOrder(row), Time(row, 15)!.Value, Time(row, 16)!.Value);
        await row.NextResultAsync(cancellationToken);
        var installments = ImmutableArray.CreateBuilder<Installment>(order.InstallmentCount);
        while (await row.ReadAsync(cancellationToken)) installments.Add(ReadInstallment(row));
        return new(order, installments.ToImmutable(), now, businessNow);
    }

    /// <summary>The order of an installment, locked; null when there is no such installment. Two round trips.</summary>
    public static async Task<LockedOrder?> LockOfAsync(NpgsqlConnection connection, Guid installmentId, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(OrderOf, connection) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = installmentId } } };
        return await find.ExecuteScalarAsync(cancellationToken) is Guid orderId ? await LockAsync(connection, orderId, cancellationToken) : null;
    }

    /// <summary>Writes what has changed, and events of what has ended. One round trip, or none.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, LockedOrder locked, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (locked.HasChanged) batch.BatchCommands.Add(ToWrite(locked.Order));
        if (locked.Changed.Count > 0) batch.BatchCommands.Add(ToWrite(locked.Changed));
        if (batch.BatchCommands.Count == 0) return;
        AddEvents(batch, locked);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddEvents(NpgsqlBatch batch, LockedOrder locked)
    {
        (Guid, string)[] ended =
        [
            .. locked.Changed.Where(one => one.Status is InstallmentStatus.Paid or InstallmentStatus.Failed)
                .Select(one => (one.Id, one.Status == InstallmentStatus.Paid ? WebhookEvents.InstallmentPaid : WebhookEvents.InstallmentFailed)),
        ];
        if (ended.Length > 0) batch.BatchCommands.Add(NewEvents.ToInstallments(ended));
        if (locked.HasChanged && locked.Order.Status == OrderStatus.Completed)
            batch.BatchCommands.Add(NewEvents.ToOrder(locked.Order.Id, WebhookEvents.OrderCompleted));
    }

    private static NpgsqlBatchCommand ToWrite(InstallmentOrder order) => new(WriteOrder)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = order.Id }, Parameter.Text(order.Status),
            new NpgsqlParameter<DateTimeOffset?> { TypedValue = order.UpdatedAt, NpgsqlDbType = NpgsqlDbType.TimestampTz },
        },
    };

    private static NpgsqlBatchCommand ToWrite(IReadOnlyCollection<Installment> changed) => new(WriteInstallments)
    {
        Parameters =
        {
            Parameter.Array([.. changed.Select(installment => installment.Id)], NpgsqlDbType.Uuid),
            Parameter.Array([.. changed.Select(installment => installment.Status)], NpgsqlDbType.Text),
            Parameter.Array([.. changed.Select(installment => installment.ChargeId)], NpgsqlDbType.Uuid),
            Parameter.Array([.. changed.Select(installment => installment.Attempts)], NpgsqlDbType.Integer),
            Parameter.Array([.. changed.Select(installment => installment.NextAttemptAt)], NpgsqlDbType.TimestampTz),
            Parameter.Array([.. changed.Select(installment => installment.UpdatedAt)], NpgsqlDbType.TimestampTz),
        },
    };

    private static InstallmentOrder ReadOrder(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        CustomerId = row.GetString(1),
        Amount = row.GetDecimal(2),
        Currency = row.GetString(3),
        InstallmentCount = row.GetInt32(4),
        InstallmentAmount = row.GetDecimal(5),
        Status = row.GetString(6),
        TimeZone = row.GetString(7),
        StripePaymentMethod = row.TextOrNull(8),
        StripeCustomer = row.TextOrNull(9),
        DunningDays = row.GetFieldValue<int[]>(10),
        SplitInstructions = row.TextOrNull(11),
        Metadata = row.GetString(12),
        CreatedAt = Time(row, 13)!.Value,
        UpdatedAt = Time(row, 14),
    };

    private static Installment ReadInstallment(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        OrderId = row.GetGuid(1),
        Number = row.GetInt32(2),
        Amount = row.GetDecimal(3),
        DueDate = row.GetFieldValue<DateOnly>(4),
        DueAt = Time(row, 5)!.Value,
        Status = row.GetString(6),
        ChargeId = row.UuidOrNull(7),
        Attempts = row.GetInt32(8),
        NextAttemptAt = Time(row, 9),
        Claim = row.GetInt64(10),
        ClaimedUntil = Time(row, 11),
        CreatedAt = Time(row, 12)!.Value,
        UpdatedAt = Time(row, 13),
    };

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
