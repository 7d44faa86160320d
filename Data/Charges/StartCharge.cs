using Data.Ledger;
using Data.Webhooks;
using Npgsql;

namespace Data.Charges;

/// <summary>
/// Makes a charge in the caller's transaction: takes the wallet's part, and either settles the charge or records what Stripe is to be asked for. A charge that
/// cannot be paid is made too, as failed: the caller sees why, and an installment can be tried again. Three round trips.
/// <list type="bullet">
/// <item>The wallet covers it: one transfer from the wallet to the destinations; succeeded.</item>
/// <item>The wallet covers a part: that part is posted to the clearing account, so that nobody else can spend it; pending.</item>
/// <item>Nothing comes from the wallet: no transfer yet; pending.</item>
/// </list>
/// </summary>
public static class StartCharge
{
    private const string ReadWallet = "SELECT is_active FROM wallets WHERE customer_id = $1 AND currency = $2";

    /// <summary>Makes the charge.</summary>
    /// <param name="connection">In a transaction, which the caller commits; the wallet's account stays locked until it ends.</param>
    /// <param name="charge">The charge.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="PostgresException">23505: a charge with this id exists.</exception>
    public static async Task<StartedCharge> RunAsync(NpgsqlConnection connection, NewCharge charge, CancellationToken cancellationToken)
    {
        var wallet = Accounts.OfWallet(charge.CustomerId, charge.Currency.Code);
        var clearing = Accounts.OfClearing(charge.Id, charge.Currency.Code);
        var destinations = ChargeLedger.Destinations(charge.Id, charge.Currency.Code, charge.Amount, charge.Parts).ToArray();
        var usesWallet = charge.OnlyFrom != ChargeSource.External && await IsActiveAsync(connection, charge, cancellationToken);
        var ledger = usesWallet
            ? await LockAccounts.RunAsync(
                connection, [wallet, clearing, .. destinations.Select(destination => destination.Account)],
                [ChargeLedger.Paid(charge.Id), ChargeLedger.WalletPart(charge.Id)], cancellationToken)
            : null;

        var plan = ChargePlan.Of(charge, ledger?.AvailableOf(wallet) ?? 0);
        if (plan.Wallet > 0 && !Post(ledger!, charge, plan, wallet, clearing, destinations))
            plan = new(0, 0, ChargeFailure.BalanceLimit, "A destination's balance would be larger than the ledger can store. Nothing was taken.");
        return await InsertCharge.RunAsync(connection, charge, plan, ledger, cancellationToken);
    }

    private static bool Post(
        LockedLedger ledger, NewCharge charge, ChargePlan plan, AccountName wallet, AccountName clearing,
        (AccountName Account, decimal Amount)[] destinations) =>
        plan.External > 0
            ? ChargeLedger.Post(
                ledger, ChargeLedger.WalletPart(charge.Id), "charge_wallet_part", $"Partial payment for charge {charge.Id}",
                [(wallet, -plan.Wallet), (clearing, plan.Wallet)])
            : ChargeLedger.Post(
                ledger, ChargeLedger.Paid(charge.Id), "charge", $"Payment for charge {charge.Id}", [(wallet, -plan.Wallet), .. destinations]);

    private static async Task<bool> IsActiveAsync(NpgsqlConnection connection, NewCharge charge, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadWallet, connection)
        {
            Parameters = { Parameter.Text(charge.CustomerId), Parameter.Text(charge.Currency.Code) },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}

/// <summary>Writes the row of a new charge with its transfer and its Stripe request: one round trip.</summary>
internal static class InsertCharge
{
    private const string Insert =
        """
        INSERT INTO charges (id, customer_id, amount, currency, status, payment_method, wallet_amount, external_amount, failure_code, failure_message,
            split_instructions, parts, metadata, installment_id, installment_order_id, settled_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, CASE WHEN $5 <> 'pending' THEN now() END)
        RETURNING created_at
        """;

    public static async Task<StartedCharge> RunAsync(
        NpgsqlConnection connection, NewCharge charge, ChargePlan plan, LockedLedger? ledger, CancellationToken cancellationToken)
    {
        var row = RowOf(charge, plan);
        var request = plan.External > 0 ? NewStripeRequest.OfCharge(charge, plan.External) : null;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(ToInsert(row));
        if (request is not null) batch.BatchCommands.Add(request.ToInsert());
        if (ledger is not null) WriteLedger.AddTo(batch, ledger);
        if (row.Status != ChargeStatus.Pending) batch.BatchCommands.Add(NewEvents.ToSettledCharge(row.Id, row.Status == ChargeStatus.Succeeded));
        await batch.PrepareAsync(cancellationToken);
        row.CreatedAt = (DateTime)(await batch.ExecuteScalarAsync(cancellationToken))!;
        return new(row, request?.Id);
    }

    private static Charge RowOf(NewCharge charge, ChargePlan plan) => new()
    {
        Id = charge.Id,
        CustomerId = charge.CustomerId,
        Amount = charge.Amount,
        Currency = charge.Currency.Code,
        Status = plan.FailureCode is not null ? ChargeStatus.Failed : plan.External > 0 ? ChargeStatus.Pending : ChargeStatus.Succeeded,
        PaymentMethod = plan.Method,
        WalletAmount = plan.Wallet,
        ExternalAmount = plan.External,
        FailureCode = plan.FailureCode,
        FailureMessage = plan.FailureMessage,
        SplitInstructions = charge.SplitInstructions,
        Parts = charge.Parts is { } parts ? ShareOut.ToJson(parts) : null,
        Metadata = charge.Metadata,
        InstallmentId = charge.InstallmentId,
        InstallmentOrderId = charge.InstallmentOrderId,
    };

    private static NpgsqlBatchCommand ToInsert(Charge row) => new(Insert)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = row.Id },
            Parameter.Text(row.CustomerId),
            new NpgsqlParameter<decimal> { TypedValue = row.Amount },
            Parameter.Text(row.Currency),
            Parameter.Text(row.Status),
            Parameter.Text(row.PaymentMethod),
            new NpgsqlParameter<decimal> { TypedValue = row.WalletAmount },
            new NpgsqlParameter<decimal> { TypedValue = row.ExternalAmount },
            Parameter.Text(row.FailureCode),
            Parameter.Text(row.FailureMessage),
            Parameter.Json(row.SplitInstructions),
            Parameter.Json(row.Parts),
            Parameter.Json(row.Metadata),
            Parameter.Uuid(row.InstallmentId),
            Parameter.Uuid(row.InstallmentOrderId),
        },
    };
}
