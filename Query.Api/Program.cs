using Data.Users;
using Npgsql;
using Query.Api.Charges;
using Query.Api.Database;
using Query.Api.DeadLetters;
using Query.Api.Installments;
using Query.Api.Ledger;
using Query.Api.Payments;
using Query.Api.Search;
using Query.Api.Stats;
using Query.Api.Transactions;
using Query.Api.Users;
using Query.Api.Wallets;
using Query.Api.Webhooks;
using Query.Api.Workers;
using ServiceDefaults;
using ServiceDefaults.Authentication;
using ServiceDefaults.RateLimits;
using ServiceDefaults.Starting;

if (ProgramHelp.IsPrinted(args,
    """
    Query.Api answers all reads: transactions, payments, balances, wallets, charges, installments, outbound webhooks, dead letters,
    figures for operators. It writes nothing.
    It needs ConnectionStrings__webhooks (PostgreSQL); ConnectionStrings__redis shares rate limits.
    """)) return;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("query", "All reads: transactions, one by its id or a list, users' payments and balances, customers' wallets, charges and "
    + "installments, outbound webhooks, and for administrators the users and the dead letters.");
builder.AddApiKeyAuthentication();
builder.AddUserAuthentication<NpgsqlDataSource>(FindUser.ByApiKeyAsync);
builder.AddRateLimits();
builder.AddReadOnlyDatabase();
builder.AddTransactions();
builder.AddPayments();
builder.AddUsers();
builder.AddWallets();
builder.AddCharges();
builder.AddInstallments();
builder.AddWebhooks();
builder.AddDeadLetters();
builder.AddStats();
builder.AddWorkers();
builder.AddLedgerCheck();
builder.AddSearch();

var app = builder.Build();
app.UseServiceDefaults();
app.UseMiddleware<RetryReads>();
app.UseApiKeyAuthentication();
app.MapServiceDefaults();
app.MapTransactions();
app.MapPayments();
app.MapUsers();
app.MapWallets();
app.MapCharges();
app.MapInstallments();
app.MapWebhooks();
app.MapDeadLetters();
app.MapStats();
app.MapWorkers();
app.MapLedgerCheck();
app.MapSearch();
app.Run();
