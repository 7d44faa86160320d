using Npgsql;

namespace Data.Charges;

/// <summary>A row to insert into <c>stripe_requests</c>.</summary>
internal sealed record NewStripeRequest(
    Guid Id, string Kind, Guid ChargeId, Guid? RefundId, string CustomerId, StripeOrder Order, TimeSpan RelayAfter, string? TraceParent)
{
    private const string Insert =
        """
        INSERT INTO stripe_requests (id, kind, charge_id, refund_id, customer_id, body, next_publish_at, traceparent)
        VALUES ($1, $2, $3, $4, $5, $6, now() + $7, $8)
        """;

    /// <summary>Asks for a charge's card part. It has the charge's id: there is one.</summary>
    public static NewStripeRequest OfCharge(NewCharge charge, decimal amount)
    {
        var order = new StripeOrder(
            StripeAmount.Of(amount, charge.Currency)!.Value, charge.Currency.Code.ToLowerInvariant(), charge.StripePaymentMethod, charge.StripeCustomer);
        return new(charge.Id, StripeRequestKind.Charge, charge.Id, null, charge.CustomerId, order, charge.RelayAfter, charge.TraceParent);
    }

    public NpgsqlBatchCommand ToInsert() => new(Insert)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = Id },
            Parameter.Text(Kind),
            new NpgsqlParameter<Guid> { TypedValue = ChargeId },
            Parameter.Uuid(RefundId),
            Parameter.Text(CustomerId),
            Parameter.Json(Order.ToJson()),
            Parameter.Interval(RelayAfter),
            Parameter.Text(TraceParent),
        },
    };
}
