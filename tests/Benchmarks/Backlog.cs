using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

namespace Benchmarks;

/// <summary>
/// <c>drain</c>: a worker that comes back to a million transactions that are due; always on real Kafka, because the embedded broker drops
/// the oldest of so many. <c>waiting</c>: the memory of a worker that holds a million until they are due.
/// </summary>
internal static class Backlog
{
    private const int Transactions = 1_000_000;

    public static async IAsyncEnumerable<Row> MeasureDrainAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(settings.Round + TimeSpan.FromSeconds(5), settings);
        var url = system.Url(RunningSystem.Ingest, "/v1/webhooks/transactions");
        await Wrk.PostAsync(url, 1, 128, settings.Round);
        await system.SettleAsync();
        var accept = (await Wrk.PostAsync(url, 2, 128, settings.Round)).AllGood("accept");
        await system.SettleAsync();

        var worker = await system.StopWorkerAsync();
        var accepted = settings.Clock.GetUtcNow().AddMinutes(-2);
        await InsertAsync(system, accepted);
        system.Produce(1, Transactions, accepted);

        await system.StartAgainAsync(worker);
        system.Processes.Begin();
        await system.SettleAsync();
        var use = system.Processes.Read();
        var seconds = await system.AskAsync<double>(
            "SELECT extract(epoch FROM max(processed_at) - min(processed_at))::float8 FROM transactions WHERE transaction_id LIKE 'txn\\_backlog\\_%'");
        var rate = Transactions / seconds;
        yield return new Row(
            "drain", "1M due, limit: accept", rate, "/s", accept.Rate, rate / accept.Rate, Must: ">= 1.00", IsMet: rate >= accept.Rate)
        { Processes = use };

        var wrong = await system.CountAsync("status <> 'PROCESSED'");
        yield return new Row("drain", "rows not PROCESSED", wrong, "rows", Must: "0", IsMet: wrong == 0);
        await system.UntilAsync(() => Task.FromResult(system.Uncommitted() == 0));
        yield return new Row("drain", "offsets not committed", system.Uncommitted(), "", Must: "0");
    }

    public static async IAsyncEnumerable<Row> MeasureWaitingAsync(Settings settings)
    {
        // In steps that the worker keeps up with: the embedded broker holds a few hundred thousand records, and nothing may be lost to it.
        const int Step = 50_000;
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromHours(1), settings);
        for (var sent = 0; sent < Transactions; sent += Step)
        {
            system.Produce(sent + 1, sent + Step, settings.Clock.GetUtcNow());
            var expected = sent + Step;
            await system.UntilAsync(async () => await system.AskAsync<long>("SELECT coalesce(sum(waiting), 0)::bigint FROM worker_instances") >= expected);
        }

        var worker = system.Processes.Read().Single(process => process.Name == RunningSystem.Worker);
        yield return new Row("waiting", "1M waiting, resident", worker.Megabytes, "MB", Must: "<= 500", IsMet: worker.Megabytes <= 500);
        yield return new Row("waiting", "1M waiting, peak", worker.PeakMegabytes, "MB", Must: "<= 500", IsMet: worker.PeakMegabytes <= 500);
    }

    // Not the relay's before tomorrow: this is about records. A hundred have the same time, as those of a commit.
    private static async Task InsertAsync(RunningSystem system, DateTimeOffset createdAt)
    {
        await system.ExecuteAsync(
            $"""
            INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, created_at, next_publish_at)
            SELECT 'txn_backlog_' || lpad(n::text, 8, '0'), 'acc_user_789', 'acc_merchant_456', 150.50, 'USD',
                timestamptz '{createdAt:O}' - n / 100 * interval '1 us', now() + interval '1 d'
            FROM generate_series(1, {Transactions}) AS n
            """);
        await system.ExecuteAsync("VACUUM (ANALYZE) transactions");
        await system.ExecuteAsync("CHECKPOINT");
    }
}
