using Contracts;
using Data;
using Data.Charges;
using Data.Installments;
using Data.Wallets;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Seed;

/// <summary>
/// Adds customers to try charges and installments with, as docs/charges.md names them: ada, who has paid and got something back, and has half of an order paid;
/// ben, whose card was declined, and whose order is overdue; chika, who paid two merchants in yen. Everything is done by the code that does it for callers;
/// what Stripe would have answered is given here.
/// </summary>
internal sealed class SeedCustomers(NpgsqlConnection connection, TimeProvider clock)
{
    private const string Card = "pm_card_visa", EmptyCard = "pm_card_chargeDeclinedInsufficientFunds";

    private static readonly StripeResult Declined =
        StripeResult.Failed("pi_seed_declined", "card_declined", "Your card has insufficient funds.", "insufficient_funds");

    private const string Order =
        """
        INSERT INTO installment_orders (id, customer_id, amount, currency, installment_count, installment_amount, status, time_zone, stripe_payment_method,
            dunning, metadata)
        VALUES ($1, $2, $3 * cardinality($5), 'USD', cardinality($5), $3, 'active', 'UTC', $4, '{1,3,5}', '{"order":"seed"}')
        """;

    private const string Installments =
        """
        INSERT INTO installments (id, order_id, number, amount, due_date, due_at, status, next_attempt_at)
        SELECT gen_random_uuid(), $1, number, $2, at::date, at::date::timestamp AT TIME ZONE 'UTC', 'pending', at::date::timestamp AT TIME ZONE 'UTC'
        FROM unnest($3) WITH ORDINALITY AS d (days, number), LATERAL (SELECT (now() AT TIME ZONE 'UTC') + make_interval(days => days) AS at) AS due
        """;

    /// <summary>Adds them in the caller's transaction; nothing, when they are there.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await AddWalletAsync("ada", "USD", 250, cancellationToken)) return;
        await AddWalletAsync("ben", "USD", 40, cancellationToken);
        await AddWalletAsync("chika", "JPY", 5_000, cancellationToken);

        await ChargeAsync(New("ada", 80, "USD"), cancellationToken);
        var mixed = await ChargeAsync(New("ada", 200, "USD") with { StripePaymentMethod = Card }, cancellationToken, StripeResult.Succeeded("pi_seed_paid"));
        await RefundAsync(mixed, 50, cancellationToken);
        await ChargeAsync(New("ben", 60, "USD") with { StripePaymentMethod = EmptyCard }, cancellationToken, Declined);
        const string split = """[{"destination":"acct_books","percent":70},{"destination":"acct_post","percent":30}]""";
        var yen = New("chika", 3_000, "JPY");
        await ChargeAsync(
            yen with { SplitInstructions = split, Parts = SplitInstructions.PartsOf(split, yen.Amount, yen.Currency) }, cancellationToken);

        await CreditAsync("ada", 100, "For the installments", cancellationToken);
        await OrderAsync("ada", 30, Card, [-45, -15, 15, 45], charged: 2, result: null, cancellationToken);
        await OrderAsync("ben", 45, EmptyCard, [-1, 29, 59], charged: 1, Declined, cancellationToken);
    }

    private NewCharge New(string customer, decimal amount, string currency) => new(NewId(), customer, amount, Currency.Find(currency)!);

    private async Task<bool> AddWalletAsync(string customer, string currency, decimal balance, CancellationToken cancellationToken)
    {
        if (await CreateWallet.RunAsync(connection, NewId(), customer, currency, cancellationToken) is null) return false;
        await CreditAsync(customer, balance, "Gift card", cancellationToken);
        return true;
    }

    private async Task CreditAsync(string customer, decimal amount, string description, CancellationToken cancellationToken)
    {
        var wallet = await CreditWallet.FindAsync(connection, customer, cancellationToken);
        await CreditWallet.RunAsync(connection, NewId(), wallet!, amount, description, cancellationToken);
    }

    /// <summary>Makes a charge and, where a card pays a part, settles it.</summary>
    private async Task<Guid> ChargeAsync(NewCharge charge, CancellationToken cancellationToken, StripeResult? result = null)
    {
        await StartCharge.RunAsync(connection, charge, cancellationToken);
        if (result is not null) await SettleCharge.RunAsync(connection, charge.Id, result, claim: null, cancellationToken);
        return charge.Id;
    }

    private async Task RefundAsync(Guid chargeId, decimal amount, CancellationToken cancellationToken)
    {
        var charge = await StartRefund.LockAsync(connection, chargeId, cancellationToken);
        var refund = new NewRefund(NewId(), chargeId, amount, "requested_by_customer", TraceParent: null);
        await StartRefund.RunAsync(connection, charge!, refund, cancellationToken);
        await SettleRefund.RunAsync(connection, refund.Id, StripeResult.Succeeded("re_seed"), claim: null, cancellationToken);
    }

    /// <summary>An order whose first installments fell due already, and were charged.</summary>
    private async Task OrderAsync(
        string customer, decimal each, string card, int[] dueInDays, int charged, StripeResult? result, CancellationToken cancellationToken)
    {
        var id = NewId();
        await using (var batch = new NpgsqlBatch(connection))
        {
            var days = Parameter.Array(dueInDays, NpgsqlDbType.Integer);
            batch.BatchCommands.Add(new(Order)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = id }, Parameter.Text(customer), new NpgsqlParameter<decimal> { TypedValue = each },
                    Parameter.Text(card), days,
                },
            });
            batch.BatchCommands.Add(new(Installments)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = id }, new NpgsqlParameter<decimal> { TypedValue = each },
                    Parameter.Array(dueInDays, NpgsqlDbType.Integer),
                },
            });
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        for (var n = 0; n < charged; n++)
        {
            var order = await OrderRows.LockAsync(connection, id, cancellationToken);
            var started = await ChargeInstallment.RunAsync(connection, order!, order!.Installments[n], NewId(), traceParent: null, cancellationToken);
            if (result is not null) await SettleCharge.RunAsync(connection, started.Charge.Id, result, claim: null, cancellationToken);
        }
    }

    private Guid NewId() => Guid.CreateVersion7(clock.GetUtcNow());
}
