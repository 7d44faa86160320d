using Data.Users;
using Npgsql;
using Query.Api.Database;
using Query.Api.DeadLetters;
using Query.Api.Payments;
using Query.Api.Stats;
using Query.Api.Transactions;
using Query.Api.Users;
using ServiceDefaults;
using ServiceDefaults.Authentication;
using ServiceDefaults.RateLimits;
using ServiceDefaults.Starting;

if (ProgramHelp.IsPrinted(args,
    """
    Query.Api answers all reads: transactions, payments, balances, dead letters, figures for operators. It writes nothing.
    It needs ConnectionStrings__webhooks (PostgreSQL); ConnectionStrings__redis shares rate limits.
    """)) return;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("query", "All reads: transactions, one by its id or a list, users' payments and balances, and for administrators the users and the "
    + "dead letters.");
builder.AddApiKeyAuthentication();
builder.AddUserAuthentication<NpgsqlDataSource>(FindUser.ByApiKeyAsync);
builder.AddRateLimits();
builder.AddReadOnlyDatabase();
builder.AddTransactions();
builder.AddPayments();
builder.AddUsers();
builder.AddDeadLetters();
builder.AddStats();

var app = builder.Build();
app.UseServiceDefaults();
app.UseMiddleware<RetryReads>();
app.UseApiKeyAuthentication();
app.MapServiceDefaults();
app.MapTransactions();
app.MapPayments();
app.MapUsers();
app.MapDeadLetters();
app.MapStats();
app.Run();
