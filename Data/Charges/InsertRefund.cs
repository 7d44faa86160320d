using Contracts;
using Data.Ledger;
using Data.Webhooks;
using Npgsql;

namespace Data.Charges;

/// <summary>A refund with its parts, before it is written.</summary>
internal sealed record RefundPlan(NewRefund Refund, RefundableCharge Charge, decimal Amount, decimal External, SplitPart[]? Parts)
{
    public decimal Wallet => Amount - External;

    /// <summary>Every account that it touches now or when it is settled.</summary>
    public IEnumerable<AccountName> Accounts => [.. From.Select(destination => destination.Account), To];

    private IEnumerable<(AccountName Account, decimal Amount)> From => ChargeLedger.Destinations(Charge.Id, Charge.Currency.Code, Amount, Parts);

    private AccountName To => External > 0
        ? Data.Ledger.Accounts.OfClearing(Charge.Id, Charge.Currency.Code)
        : Data.Ledger.Accounts.OfWallet(Charge.CustomerId, Charge.Currency.Code);

    /// <summary>Whether every destination still has what it gives back.</summary>
    public bool IsCovered(LockedLedger ledger) =>
        From.GroupBy(destination => destination.Account).All(account => ledger.AvailableOf(account.Key) >= account.Sum(one => one.Amount));

    /// <summary>Takes the money from the destinations: to the wallet, or aside.</summary>
    public void Post(LockedLedger ledger)
    {
        var isPosted = ChargeLedger.Post(
            ledger, ChargeLedger.Refund(Refund.Id), External > 0 ? "refund_set_aside" : "refund", External > 0 ? null : $"Refund for charge {Charge.Id}",
            [.. From.Select(destination => (destination.Account, -destination.Amount)), (To, Amount)]);
        if (!isPosted) throw new InvalidOperationException($"Refund {Refund.Id}: the wallet's balance would be larger than the ledger can store.");
    }
}

/// <summary>Writes the row of a new refund with its transfer and, with a card part, its Stripe request; without one the charge's refunded_amount.</summary>
internal static class InsertRefund
{
    private static readonly TimeSpan RelayAfter = TimeSpan.FromSeconds(10);

    private const string Insert =
        """
        INSERT INTO refunds (id, charge_id, amount, wallet_amount, external_amount, status, reason, parts, settled_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $6 <> 'pending' THEN now() END)
        RETURNING created_at
        """;

    private const string AddToRefunded = "UPDATE charges SET refunded_amount = refunded_amount + $2, updated_at = now() WHERE id = $1";

    public static async Task<Refund> RunAsync(
        NpgsqlConnection connection, RefundPlan plan, long units, LockedLedger ledger, CancellationToken cancellationToken)
    {
        var row = RowOf(plan);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(ToInsert(row));
        if (plan.External > 0) batch.BatchCommands.Add(RequestOf(plan, units).ToInsert());
        else AddToCharge(batch, row.ChargeId, row.Amount);
        WriteLedger.AddTo(batch, ledger);
        await batch.PrepareAsync(cancellationToken);
        row.CreatedAt = (DateTime)(await batch.ExecuteScalarAsync(cancellationToken))!;
        return row;
    }

    /// <summary>The charge shows what has gone back, and an event tells of it.</summary>
    public static void AddToCharge(NpgsqlBatch batch, Guid chargeId, decimal amount)
    {
        batch.BatchCommands.Add(new(AddToRefunded)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = chargeId }, new NpgsqlParameter<decimal> { TypedValue = amount } },
        });
        batch.BatchCommands.Add(NewEvents.ToCharge(chargeId, WebhookEvents.ChargeRefunded));
    }

    private static NewStripeRequest RequestOf(RefundPlan plan, long units) => new(
        plan.Refund.Id, StripeRequestKind.Refund, plan.Charge.Id, plan.Refund.Id, plan.Charge.CustomerId,
        new StripeOrder(units, plan.Charge.Currency.Code.ToLowerInvariant(), PaymentIntent: plan.Charge.PaymentIntent), RelayAfter, plan.Refund.TraceParent);

    private static Refund RowOf(RefundPlan plan) => new()
    {
        Id = plan.Refund.Id,
        ChargeId = plan.Charge.Id,
        Amount = plan.Amount,
        WalletAmount = plan.Wallet,
        ExternalAmount = plan.External,
        Status = plan.External > 0 ? RefundStatus.Pending : RefundStatus.Succeeded,
        Reason = plan.Refund.Reason,
        Parts = plan.Parts is null ? null : ShareOut.ToJson(plan.Parts),
    };

    private static NpgsqlBatchCommand ToInsert(Refund row) => new(Insert)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = row.Id },
            new NpgsqlParameter<Guid> { TypedValue = row.ChargeId },
            new NpgsqlParameter<decimal> { TypedValue = row.Amount },
            new NpgsqlParameter<decimal> { TypedValue = row.WalletAmount },
            new NpgsqlParameter<decimal> { TypedValue = row.ExternalAmount },
            Parameter.Text(row.Status),
            Parameter.Text(row.Reason),
            Parameter.Json(row.Parts),
        },
    };
}
