using Processor.Worker.Clients;
using Processor.Worker.DeadLetters;
using Processor.Worker.Idempotency;
using Processor.Worker.Ledger;
using Processor.Worker.Migrations;
using Processor.Worker.Payments;
using Processor.Worker.Relay;
using Processor.Worker.Seed;
using Processor.Worker.Transactions;
using Processor.Worker.Workers;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults("worker", "Everything that happens later: the delay, processing, retries, the relay, dead letters.");

if (args.Contains("--migrate") || args.Contains("--seed"))
{
    builder.AddMigrations();
    builder.AddSeeding();
    await using var once = builder.Build();
    var exitCode = args.Contains("--migrate") ? await once.MigrateAsync() : 0;
    return exitCode == 0 && args.Contains("--seed") ? await once.SeedAsync() : exitCode;
}

builder.AddLedgerRules(LedgerRules.All);
builder.AddLedgerRules(PaymentLedgerRules.All);

if (args.Contains("--check-ledger"))
{
    builder.AddLedgerCheck();
    return await builder.Build().CheckLedgerAsync();
}

// Stopped in the reverse order: the heartbeat ends after the consumers have given their partitions back.
builder.AddClients();
builder.AddWorkerHealth();
builder.AddDeadLetters();
builder.AddTransactionProcessing();
builder.AddPayments();
builder.AddRelay();
builder.AddIdempotencyCleanUp();
builder.AddNightlyLedgerCheck();

var app = builder.Build();

app.UseServiceDefaults();
app.MapServiceDefaults();
app.MapWorkerHealth();

await app.RunAsync();
return 0;
