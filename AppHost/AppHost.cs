// The whole system as one table. `dotnet run --project AppHost` starts it; docs/architecture.md says why each part is there.
using Aspire.Hosting.ApplicationModel;

var builder = DistributedApplication.CreateBuilder(args);

// How long a transaction waits before it is processed. Tests shorten it: --Parameters:processing-delay=00:00:01
var delay = builder.AddParameter("processing-delay");

// --- Servers -------------------------------------------------------------------------------------------------------
var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("webhooks");

// Not "kafka": Kubernetes would put KAFKA_PORT into the broker's environment, and the image refuses to start with it.
var broker = builder.AddKafka("broker").WithKafkaUI();

// --- Services ------------------------------------------------------------------------------------------------------
var migrations = builder.AddProject<Projects.Processor_Worker>("migrations")
    .WithArgs("--migrate")
    .WithReference(database).WaitFor(database)
    .WithReference(broker).WaitFor(broker);

var ingest = builder.AddProject<Projects.Ingest_Api>("ingest-api")
    .WithReference(database).WithReference(broker)
    .WithEnvironment("Processing__Delay", delay)
    .WithHttpHealthCheck("/health")
    .WaitForCompletion(migrations);

var worker = builder.AddProject<Projects.Processor_Worker>("processor-worker")
    .WithReference(database).WithReference(broker)
    .WithEnvironment("Processing__Delay", delay)
    .WithHttpHealthCheck("/health")
    .WaitForCompletion(migrations);

var query = builder.AddProject<Projects.Query_Api>("query-api")
    .WithReference(database)
    .WithHttpHealthCheck("/health")
    .WaitForCompletion(migrations);

builder.AddProject<Projects.Portal_Web>("portal")
    .WithReference(ingest).WithReference(query).WithReference(worker)
    .WaitFor(ingest).WaitFor(query).WaitFor(worker)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints();

builder.Build().Run();
