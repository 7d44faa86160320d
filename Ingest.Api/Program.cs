using Ingest.Api.Transactions;
using ServiceDefaults;
using ServiceDefaults.Authentication;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults("ingest", "All writes. Takes webhooks in: a 202 says that the row is committed and will be processed.");
builder.AddApiKeyAuthentication();
builder.AddTransactionIntake();

var app = builder.Build();

app.UseServiceDefaults();
app.UseApiKeyAuthentication();

app.MapServiceDefaults();
app.MapAcceptTransaction();

app.Run();
