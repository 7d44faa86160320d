using Processor.Worker.Charges;
using Processor.Worker.Clients;
using Processor.Worker.DeadLetters;
using Processor.Worker.Idempotency;
using Processor.Worker.Installments;
using Processor.Worker.Ledger;
using Processor.Worker.Migrations;
using Processor.Worker.Notices;
using Processor.Worker.Payments;
using Processor.Worker.Relay;
using Processor.Worker.Seed;
using Processor.Worker.Transactions;
using Processor.Worker.Webhooks;
using Processor.Worker.Workers;
using ServiceDefaults;
using ServiceDefaults.Starting;

if (ProgramHelp.IsPrinted(args,
    """
    Processor.Worker processes transactions when they are due, carries payments out, and publishes again what was lost.

      Processor.Worker                  runs until it is stopped
      Processor.Worker --migrate        brings the database's schema and Kafka's topics up to date, and ends
      Processor.Worker --seed           adds users to try payments with (in Development only), and ends
      Processor.Worker --check-ledger   checks that the money adds up, and ends: 0 when it does, 1 when not

    It needs ConnectionStrings__webhooks (PostgreSQL) and ConnectionStrings__broker (Kafka). Without them the commands take those of the AppHost that
    you started last, while it runs.
    """)) return 0;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults("worker", "Everything that happens later: the delay, processing, retries, the relay, dead letters.");

if (args.Any(argument => argument is "--migrate" or "--seed" or "--check-ledger")) builder.AddRunningSystem();
if (args.Contains("--migrate") || args.Contains("--seed"))
{
    builder.AddMigrations();
    builder.AddSeeding();
    await using var once = builder.Build();
    var exitCode = args.Contains("--migrate") ? await once.MigrateAsync() : 0;
    return exitCode == 0 && args.Contains("--seed") ? await once.SeedAsync() : exitCode;
}

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
builder.AddCharges();
builder.AddInstallments();
builder.AddWebhooks();
builder.AddNotices();
builder.AddRelay();
builder.AddIdempotencyCleanUp();
builder.AddDeliveryRetention();
builder.AddNightlyLedgerCheck();

var app = builder.Build();

app.UseServiceDefaults();
app.MapServiceDefaults();
app.MapWorkerHealth();

await app.RunAsync();
return 0;
