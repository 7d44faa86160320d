using Data;
using Data.Installments;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.Installments;

/// <summary>Inserts an order with its installments. In the caller's transaction; two round trips.</summary>
internal static class InsertOrder
{
    private const string Now = "SELECT now(), business_now()";

    private const string InsertTheOrder =
        """
        INSERT INTO installment_orders (id, customer_id, amount, currency, installment_count, installment_amount, status, time_zone, stripe_payment_method,
            stripe_customer, dunning, split_instructions, metadata)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    private const string InsertInstallments =
        """
        INSERT INTO installments (id, order_id, number, amount, due_date, due_at, status, next_attempt_at)
        SELECT id, $2, number, amount, due_date, due_at, 'pending', CASE WHEN $3 THEN due_at END
        FROM unnest($1, $4, $5, $6, $7) AS i (id, number, amount, due_date, due_at)
        """;

    /// <summary>The order as callers see it.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="request">The order.</param>
    /// <param name="dunning">The days to use where the request says none.</param>
    /// <param name="newId">Makes a UUID of version 7.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<OrderReply> RunAsync(
        NpgsqlConnection connection, OrderRequest request, int[] dunning, Func<Guid> newId, CancellationToken cancellationToken)
    {
        var (now, businessNow) = await ReadNowAsync(connection, cancellationToken);
        var order = ToOrder(request, dunning, newId(), now);
        var installments = request.Schedule.Zip(request.DatesFrom(businessNow)).Select((one, n) => new Installment
        {
            Id = newId(),
            OrderId = order.Id,
            Number = n + 1,
            Amount = one.First.Amount,
            DueDate = one.Second,
            DueAt = DueDates.StartOf(one.Second, request.Zone),
            Status = InstallmentStatus.Pending,
            NextAttemptAt = request.IsActive ? DueDates.StartOf(one.Second, request.Zone) : null,
            CreatedAt = now,
        }).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(ToInsert(order));
        batch.BatchCommands.Add(ToInsert(installments, order.Id, request.IsActive));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return OrderReply.Of(order, installments);
    }

    private static async Task<(DateTimeOffset Now, DateTimeOffset BusinessNow)> ReadNowAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Now, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1));
    }

    private static InstallmentOrder ToOrder(OrderRequest request, int[] dunning, Guid id, DateTimeOffset now) => new()
    {
        Id = id,
        CustomerId = request.CustomerId,
        Amount = request.Amount,
        Currency = request.Currency.Code,
        InstallmentCount = request.Schedule.Count,
        InstallmentAmount = request.Schedule.Min(installment => installment.Amount),
        Status = request.IsActive ? OrderStatus.Active : OrderStatus.Pending,
        TimeZone = request.Zone.Id,
        StripePaymentMethod = request.StripePaymentMethod,
        StripeCustomer = request.StripeCustomer,
        DunningDays = request.DunningDays ?? dunning,
        SplitInstructions = request.SplitInstructions,
        Metadata = request.Metadata,
        CreatedAt = now,
    };

    private static NpgsqlBatchCommand ToInsert(InstallmentOrder order) => new(InsertTheOrder)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = order.Id },
            Parameter.Text(order.CustomerId),
            new NpgsqlParameter<decimal> { TypedValue = order.Amount },
            Parameter.Text(order.Currency),
            new NpgsqlParameter<int> { TypedValue = order.InstallmentCount },
            new NpgsqlParameter<decimal> { TypedValue = order.InstallmentAmount },
            Parameter.Text(order.Status),
            Parameter.Text(order.TimeZone),
            Parameter.Text(order.StripePaymentMethod),
            Parameter.Text(order.StripeCustomer),
            Parameter.Array(order.DunningDays, NpgsqlDbType.Integer),
            Parameter.Json(order.SplitInstructions),
            Parameter.Json(order.Metadata),
        },
    };

    private static NpgsqlBatchCommand ToInsert(Installment[] installments, Guid orderId, bool isActive) => new(InsertInstallments)
    {
        Parameters =
        {
            Parameter.Array([.. installments.Select(installment => installment.Id)], NpgsqlDbType.Uuid),
            new NpgsqlParameter<Guid> { TypedValue = orderId },
            new NpgsqlParameter<bool> { TypedValue = isActive },
            Parameter.Array([.. installments.Select(installment => installment.Number)], NpgsqlDbType.Integer),
            Parameter.Array([.. installments.Select(installment => installment.Amount)], NpgsqlDbType.Numeric),
            Parameter.Array([.. installments.Select(installment => installment.DueDate)], NpgsqlDbType.Date),
            Parameter.Array([.. installments.Select(installment => installment.DueAt)], NpgsqlDbType.TimestampTz),
        },
    };
}
