using Data.Users;
using Ingest.Api.Charges;
using Ingest.Api.Database;
using Ingest.Api.DeadLetters;
using Ingest.Api.Idempotency;
using Ingest.Api.Installments;
using Ingest.Api.Kafka;
using Ingest.Api.Payments;
using Ingest.Api.Transactions;
using Ingest.Api.Users;
using Ingest.Api.Wallets;
using Ingest.Api.Webhooks;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Authentication;
using ServiceDefaults.RateLimits;
using ServiceDefaults.Starting;

if (ProgramHelp.IsPrinted(args,
    """
    Ingest.Api takes in transaction webhooks, payments, bank callbacks and logins, and stores them in PostgreSQL.
    It needs ConnectionStrings__webhooks (PostgreSQL) and ConnectionStrings__broker (Kafka); ConnectionStrings__redis shares rate limits.
    """)) return;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults("ingest", "All writes: transaction webhooks (a 202 says that the row is committed and will be processed), payments, the bank's "
    + "callbacks, users and logins, dead letters.");
builder.AddApiKeyAuthentication();
builder.AddUserAuthentication<NpgsqlDataSource>(FindUser.ByApiKeyAsync);
builder.AddRateLimits();
builder.AddDatabase();
builder.AddProducers();
builder.AddTransactions();
builder.AddDeadLetters();
builder.AddIdempotency();
builder.AddPayments();
builder.AddUsers();
builder.AddWallets();
builder.AddCharges();
builder.AddInstallments();
builder.AddWebhooks();

var app = builder.Build();

app.UseServiceDefaults();
app.UseApiKeyAuthentication();

app.MapServiceDefaults();
app.MapTransactions();
app.MapDeadLetters();
app.MapPayments();
app.MapUsers();
app.MapWallets();
app.MapCharges();
app.MapInstallments();
app.MapWebhooks();

app.Run();
