using Data.Installments;
using Data.Ledger;
using Data.Webhooks;
using Npgsql;

namespace Data.Charges;

/// <summary>
/// Settles a charge with Stripe's result, once: its status, its transfer or the return of its wallet part, its installment, and the end of its Stripe request,
/// in the caller's transaction. The worker, Stripe's webhook and giving up all end here; of two that come at the same time the second finds it settled.
/// Locks: the charge, its order and installment, then the accounts.
/// </summary>
public static class SettleCharge
{
    // Only the charge that an installment waits for settles it: a caller may name an installment in a charge of their own.
    private const string Lock =
        """
        SELECT customer_id, amount, currency, status, wallet_amount, external_amount, parts,
            (SELECT i.id FROM installments i WHERE i.id = c.installment_id AND i.charge_id = c.id)
        FROM charges c WHERE id = $1 FOR UPDATE
        """;

    /// <summary>The claim of a request that is locked: none can be made before the transaction ends. A request has the id of its charge or refund.</summary>
    internal const string LockRequest = "SELECT claim FROM stripe_requests WHERE id = $1 FOR UPDATE";

    private const string Settle =
        """
        UPDATE charges SET status = $2, external_charge_id = coalesce($3, external_charge_id), failure_code = $4, failure_message = $5,
            settled_at = now(), updated_at = now()
        WHERE id = $1
        """;

    internal const string Answer =
        "UPDATE stripe_requests SET answered_at = now(), is_unanswered = false, stripe_id = coalesce($2, stripe_id), error = $3 WHERE id = $1";

    private const string TooLarge =
        "Stripe took the money, but a balance would be larger than the ledger can store. It has to be returned at Stripe: contact support.";

    /// <summary>Settles it.</summary>
    /// <param name="connection">In a transaction, which the caller commits when the outcome is Settled or OutOfRange.</param>
    /// <param name="chargeId">The charge.</param>
    /// <param name="result">Stripe's result.</param>
    /// <param name="claim">The claim under which a worker learned it: it counts only while that claim is the latest. Null for Stripe's own webhook.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<StripeSettlement> RunAsync(
        NpgsqlConnection connection, Guid chargeId, StripeResult result, long? claim, CancellationToken cancellationToken)
    {
        if (await LockAsync(connection, chargeId, cancellationToken) is not { } charge) return StripeSettlement.Unknown;
        if (charge.Status != ChargeStatus.Pending) return charge.Status == result.Status ? StripeSettlement.AlreadySettled : StripeSettlement.Contradicts;
        if (claim is not null && claim != charge.Claim) return StripeSettlement.Superseded;

        var order = charge.InstallmentId is { } installment ? await OrderRows.LockOfAsync(connection, installment, cancellationToken) : null;
        var ledger = await LockAccounts.RunAsync(
            connection, [charge.Wallet, charge.Clearing, charge.Stripe, .. charge.Destinations.Select(destination => destination.Account)],
            [ChargeLedger.Paid(chargeId), ChargeLedger.Returned(chargeId)], cancellationToken);
        var final = Post(ledger, charge, result);
        if (order is not null)
        {
            // A failure that comes later, by webhook, counts like one at once.
            order.Settle(order[charge.InstallmentId!.Value], final.IsSuccess, final.DeclineCode ?? final.FailureCode);
            await OrderRows.WriteAsync(connection, order, cancellationToken);
        }

        await WriteAsync(connection, chargeId, final, ledger, cancellationToken);
        return final.IsSuccess == result.IsSuccess ? StripeSettlement.Settled : StripeSettlement.OutOfRange;
    }

    /// <summary>Posts the payment, or gives the wallet part back; returns the result to write.</summary>
    private static StripeResult Post(LockedLedger ledger, LockedCharge charge, StripeResult result)
    {
        (AccountName, decimal)[] sources = [(charge.Clearing, -charge.WalletAmount), (charge.Stripe, -charge.ExternalAmount)];
        if (result.IsSuccess && ChargeLedger.Post(ledger, ChargeLedger.Paid(charge.Id), "charge", null, [.. sources, .. charge.Destinations])) return result;
        if (charge.WalletAmount > 0)
        {
            ChargeLedger.Post(
                ledger, ChargeLedger.Returned(charge.Id), "charge_returned", $"Refund for failed charge {charge.Id}",
                [(charge.Clearing, -charge.WalletAmount), (charge.Wallet, charge.WalletAmount)]);
        }

        return result.IsSuccess ? StripeResult.Failed(result.StripeId, ChargeFailure.BalanceLimit, TooLarge) : result;
    }

    private static async Task<LockedCharge?> LockAsync(NpgsqlConnection connection, Guid chargeId, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Lock) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = chargeId } } });
        batch.BatchCommands.Add(new(LockRequest) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = chargeId } } });
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var charge = new LockedCharge(
            chargeId, row.GetString(0), row.GetDecimal(1), row.GetString(2), row.GetString(3), row.GetDecimal(4), row.GetDecimal(5),
            row.IsDBNull(6) ? null : ShareOut.Read(row.GetString(6)), row.UuidOrNull(7), Claim: null);
        await row.NextResultAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? charge with { Claim = row.GetInt64(0) } : charge;
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection, Guid chargeId, StripeResult result, LockedLedger ledger, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Settle)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = chargeId }, Parameter.Text(result.Status), Parameter.Text(result.StripeId),
                Parameter.Text(result.FailureCode), Parameter.Text(result.FailureMessage),
            },
        });
        batch.BatchCommands.Add(new(Answer)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = chargeId }, Parameter.Text(result.StripeId), Parameter.Text(result.FailureMessage),
            },
        });
        WriteLedger.AddTo(batch, ledger);
        batch.BatchCommands.Add(NewEvents.ToSettledCharge(chargeId, result.IsSuccess));
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record LockedCharge(
        Guid Id, string CustomerId, decimal Amount, string Currency, string Status, decimal WalletAmount, decimal ExternalAmount, SplitPart[]? Parts,
        Guid? InstallmentId, long? Claim)
    {
        public AccountName Wallet => Accounts.OfWallet(CustomerId, Currency);

        public AccountName Clearing => Accounts.OfClearing(Id, Currency);

        public AccountName Stripe => Accounts.OfStripe(Id, Currency);

        public IEnumerable<(AccountName Account, decimal Amount)> Destinations => ChargeLedger.Destinations(Id, Currency, Amount, Parts);
    }
}
