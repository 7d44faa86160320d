using System.Diagnostics;
using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;
using Support;
using Systems;

namespace Benchmarks;

/// <summary>
/// <c>scale</c>: under load two workers join the first, and one leaves again. Always on real Kafka: on the embedded broker a rebalance takes
/// a session time-out. A worker that joins is this machine's own: the first one's program and environment, with a port of its own.
/// </summary>
internal static class Scale
{
    private const int Rate = 2_000;
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5), Duration = TimeSpan.FromSeconds(90), Joined = TimeSpan.FromSeconds(40);

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(Delay, settings);
        var url = system.Url(RunningSystem.Ingest, "/v1/webhooks/transactions");
        await Wrk.WarmUpAsync(system, url, Rate);
        var updatesBefore = await UpdatesAsync(system, settings.Clock);

        var load = Wrk.PostAsync(url, 2, 64, Duration, Rate);
        await Task.Delay(TimeSpan.FromSeconds(10), settings.Clock);
        using var second = Join(system);
        using var third = Join(system);
        await Task.Delay(Joined, settings.Clock);
        var partitions = await PartitionsAsync(system);
        Signals.Send(third.Id, Signals.Term);
        await third.WaitForExitAsync();
        (await load).AllGood("scale");
        await system.SettleAsync();

        var spread = partitions.Length == 3 ? partitions.Max(p => Math.Abs(p - 4.0)) / 4 : 1;
        yield return new Row("scale", $"partitions {string.Join('/', partitions)}, uneven by", spread, "", Must: "<= 0.20", IsMet: spread <= 0.2);
        var (stall, when) = await LatestAsync(system);
        yield return new Row("scale", $"the latest after its time, at {when:0} s", stall, "s", Must: "<= 10", IsMet: stall <= 10);
        // Each row is written once when it is made and once when it is processed. What the relay did would be here as well.
        var twice = await UpdatesAsync(system, settings.Clock) - updatesBefore - await system.CountAsync("true");
        yield return new Row("scale", "rows updated twice", twice, "", Must: "0", IsMet: twice == 0);
        Signals.Send(second.Id, Signals.Term);
        await second.WaitForExitAsync();
    }

    // The second it was processed in, from the first webhook on: workers join at 10, one leaves at 50.
    private static async Task<(double Lateness, double Second)> LatestAsync(RunningSystem system)
    {
        await using var command = system.Database.CreateCommand(
            $"""
            SELECT extract(epoch FROM processed_at - created_at)::float8 - {Delay.TotalSeconds},
                extract(epoch FROM processed_at - (SELECT min(created_at) FROM transactions))::float8
            FROM transactions ORDER BY processed_at - created_at DESC LIMIT 1
            """);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetDouble(0), row.GetDouble(1));
    }

    private static Process Join(RunningSystem system)
    {
        var first = system.Pids(RunningSystem.Worker)[0];
        var start = new ProcessStartInfo(File.ResolveLinkTarget($"/proc/{first}/exe", returnFinalTarget: true)!.FullName)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in Proc.CommandLine(first).Skip(1)) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in Proc.Environment(first)) start.Environment[name] = value;
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.WorkingDirectory = Proc.Folder(first);
        var worker = Process.Start(start)!;
        worker.OutputDataReceived += (_, _) => { };
        worker.BeginOutputReadLine();
        worker.BeginErrorReadLine();
        return worker;
    }

    private static async Task<int[]> PartitionsAsync(RunningSystem system)
    {
        await using var command = system.Database.CreateCommand(
            "SELECT coalesce(array_agg(partitions ORDER BY partitions), '{}') FROM worker_instances WHERE seen_at > now() - interval '10 s'");
        return (int[])(await command.ExecuteScalarAsync())!;
    }

    private static async Task<long> UpdatesAsync(RunningSystem system, TimeProvider clock)
    {
        // A session of PostgreSQL hands its counts over when it has been idle for 10 s; after 2 s 353 of 180,000 updates were missing.
        await Task.Delay(TimeSpan.FromSeconds(12), clock);
        return await system.AskAsync<long>("SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'transactions'");
    }
}
