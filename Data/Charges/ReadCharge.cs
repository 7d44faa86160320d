using Npgsql;

namespace Data.Charges;

/// <summary>Reads a charge or a refund by its id, outside a transaction.</summary>
public static class ReadCharge
{
    private const string Charge =
        """
        SELECT id, customer_id, amount, currency, status, payment_method, wallet_amount, external_amount, external_charge_id, refunded_amount, failure_code,
            failure_message, split_instructions, metadata, installment_id, installment_order_id, created_at, updated_at
        FROM charges WHERE id = $1
        """;

    private const string Refund =
        """
        SELECT r.id, r.charge_id, r.amount, r.wallet_amount, r.external_amount, r.status, r.reason, r.failure_message, r.created_at, c.currency
        FROM refunds r JOIN charges c ON c.id = r.charge_id WHERE r.id = $1
        """;

    /// <summary>A charge that exists.</summary>
    public static async Task<ChargeReply> RunAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Charge);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return ChargeReply.Of(new()
        {
            Id = row.GetGuid(0),
            CustomerId = row.GetString(1),
            Amount = row.GetDecimal(2),
            Currency = row.GetString(3),
            Status = row.GetString(4),
            PaymentMethod = row.TextOrNull(5),
            WalletAmount = row.GetDecimal(6),
            ExternalAmount = row.GetDecimal(7),
            ExternalChargeId = row.TextOrNull(8),
            RefundedAmount = row.GetDecimal(9),
            FailureCode = row.TextOrNull(10),
            FailureMessage = row.TextOrNull(11),
            SplitInstructions = row.TextOrNull(12),
            Metadata = row.GetString(13),
            InstallmentId = row.UuidOrNull(14),
            InstallmentOrderId = row.UuidOrNull(15),
            CreatedAt = row.GetDateTime(16),
            UpdatedAt = row.TimeOrNull(17),
        });
    }

    /// <summary>A refund that exists.</summary>
    public static async Task<RefundReply> RefundAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Refund);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var refund = new Refund
        {
            Id = row.GetGuid(0),
            ChargeId = row.GetGuid(1),
            Amount = row.GetDecimal(2),
            WalletAmount = row.GetDecimal(3),
            ExternalAmount = row.GetDecimal(4),
            Status = row.GetString(5),
            Reason = row.TextOrNull(6),
            FailureMessage = row.TextOrNull(7),
            CreatedAt = row.GetDateTime(8),
        };
        return RefundReply.Of(refund, row.GetString(9));
    }
}
