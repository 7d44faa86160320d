using Aspire.Hosting;
using SampleHost;

// An AppHost for tests: --table= says which of the tables below it has.
var builder = DistributedApplication.CreateBuilder(args);
Tables.Fill(builder, builder.Configuration["table"] ?? "services");
builder.Build().Run();
