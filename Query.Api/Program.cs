using Query.Api.Database;
using Query.Api.Transactions;
using ServiceDefaults;
using ServiceDefaults.Authentication;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("query", "Reads transactions: one by its id, or a list, newest first.");
builder.AddApiKeyAuthentication();
builder.AddReadOnlyDatabase();
builder.AddTransactions();

var app = builder.Build();
app.UseServiceDefaults();
app.UseApiKeyAuthentication();
app.MapServiceDefaults();
app.MapTransactions();
app.Run();
