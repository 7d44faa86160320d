using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;
using Npgsql;

namespace Benchmarks;

/// <summary>
/// <c>charges</c>: POST /charges through Ingest.Api, each with an Idempotency-Key: paid by the wallet alone, and by a card, where the worker asks the sandbox's
/// Stripe, which answers at once, and the caller waits for the outcome; against an endpoint of the same Kestrel that reads the same body and answers, and
/// against pgbench's one-row INSERT. <c>installments</c>: 10,000 that are due at once, until all are charged.
/// </summary>
internal static class Charges
{
    private const string Path = "/charges";
    private const int Due = 10_000;

    // Webhooks of every outcome would be half of the load.
    private static readonly (string Name, string Value)[] QuickStripe = [("Stripe__Webhooks", "late")];

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromSeconds(30), settings, QuickStripe);
        await system.WithoutInboxAsync();
        await Customers.AddWalletsAsync(system);
        await system.ExecuteAsync(Pgbench.Statement);
        using var pgbench = new Pgbench(new NpgsqlConnectionStringBuilder(await system.ConnectionStringAsync()));
        var run = 0;
        foreach (var (name, customers, card) in ((string, string, string?)[])[("wallet", Customers.WithWallets, null), ("card", Customers.WithoutWallets,
            Customers.Card)])
        {
            foreach (var connections in (int[])[8, 32])
            {
                var (at, first) = (connections, run += 100);
                var measured = await Interleaved.MeasureAsync(
                    system,
                    round => Wrk.ChargeAsync(system.Url(RunningSystem.Ingest, Path), first + round, customers, card, at, settings.Round),
                    round => Wrk.ChargeAsync(system.Url(RunningSystem.Ingest, "/limit/accept"), first + round, customers, card, at, settings.Round),
                    isWarm: at != 8);
                yield return new Row(
                    "charges", $"{name}, {at} connections", measured.Figure.Rate, "/s", measured.Limit.Rate, measured.Ratio, measured.Figure.P50Ms,
                    measured.Figure.P99Ms)
                { Processes = measured.Processes };
                var limit = await pgbench.InsertAsync(settings.Round);
                yield return new Row("charges", $"{name}, {at} connections, by pgbench", measured.Figure.Rate, "/s", limit, measured.Figure.Rate / limit);
            }
        }

        // Callers that hung up at the end of a round left theirs pending.
        await system.UntilAsync(async () => !await system.AskAsync<bool>("SELECT EXISTS (SELECT FROM charges WHERE status = 'pending')"));
        var wrong = await system.AskAsync<long>(
            $"SELECT count(*) FROM charges WHERE {IsOurs} AND (status <> 'succeeded' "
            + "OR NOT EXISTS (SELECT FROM transfers WHERE reference = 'charge:' || charges.id))");
        yield return new Row("charges", "charges that are not paid", wrong, "", Must: "0", IsMet: wrong == 0);
        yield return await Ledger.DifferencesAsync(system, "charges");
    }

    public static async IAsyncEnumerable<Row> MeasureInstallmentsAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromSeconds(30), settings, QuickStripe);
        await system.WithoutInboxAsync();
        await Customers.AddWalletsAsync(system);
        foreach (var (name, customers, card) in ((string, string, string)[])[("wallet", Customers.WithWallets, "NULL"), ("card", Customers.WithoutWallets,
            $"'{Customers.Card}'")])
        {
            for (var round = 0; round < 2; round++)
            {
                var began = settings.Clock.GetTimestamp();
                await system.ExecuteAsync(Orders(customers, card));
                await system.UntilAsync(async () => !await system.AskAsync<bool>(
                    $"SELECT EXISTS (SELECT FROM ({OfOurs}) AS i WHERE status NOT IN ('paid', 'failed'))"));
                var seconds = settings.Clock.GetElapsedTime(began).TotalSeconds;
                if (round > 0) yield return new Row("installments", $"{Due:#,0} due at once, {name}: until all are charged", Due / seconds, "/s");
            }
        }

        var wrong = await system.AskAsync<long>(
            $"SELECT count(*) FROM ({OfOurs}) AS i LEFT JOIN (SELECT installment_id AS id, count(*) AS charges FROM charges GROUP BY 1) AS c USING (id) "
            + "WHERE status <> 'paid' OR charges IS DISTINCT FROM 1");
        yield return new Row("installments", "not paid by exactly one charge", wrong, "", Must: "0", IsMet: wrong == 0);
    }

    /// <summary>Not development's seed: it has charges that were declined, and orders that are due in months.</summary>
    private const string IsOurs = $"(starts_with(customer_id, '{Customers.WithWallets}') OR starts_with(customer_id, '{Customers.WithoutWallets}'))";

    private const string OfOurs = $"SELECT i.* FROM installments i JOIN installment_orders o ON o.id = i.order_id WHERE {IsOurs}";

    private static string Orders(string customers, string card) =>
        $$"""
        WITH made AS (
            INSERT INTO installment_orders (id, customer_id, amount, currency, installment_count, installment_amount, status, time_zone,
                stripe_payment_method, dunning)
            SELECT gen_random_uuid(), '{{customers}}' || n % {{Customers.Count}} + 1, 1.50, 'USD', 1, 1.50, 'active', 'UTC', {{card}}, '{}'
            FROM generate_series(1, {{Due}}) AS n RETURNING id)
        INSERT INTO installments (id, order_id, number, amount, due_date, due_at, status, next_attempt_at)
        SELECT gen_random_uuid(), id, 1, 1.50, current_date, now(), 'pending', now() FROM made
        """;
}
