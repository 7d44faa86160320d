using Data.Users;
using Npgsql;
using Query.Api.Database;
using Query.Api.DeadLetters;
using Query.Api.Transactions;
using ServiceDefaults;
using ServiceDefaults.Authentication;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("query", "All reads: transactions, one by its id or a list, and for administrators the dead letters.");
builder.AddApiKeyAuthentication();
builder.AddUserAuthentication<NpgsqlDataSource>(FindUser.ByApiKeyAsync);
builder.AddReadOnlyDatabase();
builder.AddTransactions();
builder.AddDeadLetters();

var app = builder.Build();
app.UseServiceDefaults();
app.UseApiKeyAuthentication();
app.MapServiceDefaults();
app.MapTransactions();
app.MapDeadLetters();
app.Run();
