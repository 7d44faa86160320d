using Benchmarks;
using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

// dotnet run -c Release --project tests/Benchmarks -- NAME... [--kafka] [--seconds 10] [--output FILE]
Benchmark[] all =
[
    new("accept", "POST through Ingest.Api, against an empty endpoint", Accept.MeasureAsync),
    new("front-door", "the same through Portal.Web, against Ingest.Api", Accept.MeasureFrontDoorAsync),
    new("read", "GET by id through Query.Api, 1M rows, against an empty endpoint", Read.MeasureAsync),
    new("drain", "a worker comes back to 1M due transactions (real Kafka)", Backlog.MeasureDrainAsync),
    new("steady", "3,000/s for 3 minutes: how late the 30 s are", Steady.MeasureAsync),
    new("sustain", "the highest rate that the whole pipeline holds for 3 minutes, against an empty endpoint and pgbench", Sustain.MeasureAsync),
    new("waiting", "memory of a worker that holds 1M transactions", Backlog.MeasureWaitingAsync),
    new("growth", "accept, read and lists at 1k, 1M and 10M rows", Growth.MeasureAsync),
    new("scale", "two workers join, one leaves (real Kafka)", Scale.MeasureAsync),
    new("ledger", "transfers through the API, on one account and on 10,000, against pgbench's one-row INSERT", Ledger.MeasureAsync),
    new("postings", "the same over Npgsql alone", Postings.MeasureAsync),
    new("deposits", "POST of deposits through Ingest.Api, against an empty endpoint", DepositRequests.MeasureAsync),
    new("charges", "POST of charges through Ingest.Api, by wallet and by card, against an empty endpoint and pgbench", Charges.MeasureAsync),
    new("installments", "10,000 due at once, until all are charged", Charges.MeasureInstallmentsAsync),
    new("deliver", "events by webhook to an empty endpoint on this machine, and beside 1M that wait", Deliver.MeasureAsync),
    new("pages", "the same as accept with 500 pages of the portal open, against none", Pages.MeasureAsync),
    new("idle", "processor and memory of the idle system", Steady.MeasureIdleAsync),
];

var names = args.TakeWhile(arg => !arg.StartsWith('-')).ToArray();
var chosen = names is ["all"] ? all : [.. all.Where(benchmark => names.Contains(benchmark.Name))];
if (names.Length == 0 || chosen.Length < names.Length)
{
    Console.Error.WriteLine("Name what to measure, or all:");
    foreach (var benchmark in all) Console.Error.WriteLine($"  {benchmark.Name,-12} {benchmark.What}");
    Console.Error.WriteLine("Options: --kafka (real Kafka, from KAFKA_HOME or ../shared/kafka), --seconds N (a round's length, 10), --output FILE");
    return 2;
}

string? Option(string name) => args.SkipWhile(arg => arg != name).Skip(1).FirstOrDefault();
var clock = TimeProvider.System;
var round = TimeSpan.FromSeconds(int.Parse(Option("--seconds") ?? "10"));
var surroundings = new Surroundings(args.Contains("--kafka"));
await Wrk.InstallAsync();

var rows = new List<Row>();
foreach (var benchmark in chosen)
{
    Console.WriteLine($"{Environment.NewLine}{benchmark.Name}: {benchmark.What}");
    await foreach (var row in benchmark.RunAsync(new Settings(surroundings.KafkaHomeFor(benchmark), round, clock)))
    {
        rows.Add(row);
        Console.WriteLine(Table.Of(row));
        foreach (var line in Table.Processes(row)) Console.WriteLine(line);
    }
}

Console.WriteLine($"{Environment.NewLine}{surroundings.Describe()}{Environment.NewLine}{Table.Head}");
foreach (var row in rows) Console.WriteLine(Table.Of(row));
var file = Option("--output") ?? $"artifacts/benchmarks/{clock.GetUtcNow():yyyyMMdd-HHmmss}.json";
await Table.WriteAsync(new Report(surroundings.Revision, clock.GetUtcNow(), Environment.ProcessorCount, surroundings.Kernel, surroundings.Broker, rows), file);
var missed = $"{rows.Count(row => !row.IsMet)} of {rows.Count(row => row.Must != "")} figures miss what they must reach.";
Console.WriteLine($"{Environment.NewLine}{missed} Written to {file}");
return rows.All(row => row.IsMet) ? 0 : 1;
