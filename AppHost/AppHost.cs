// The whole system as one table: `dotnet run --project AppHost` starts it. docs/architecture.md says why each part is there.
var builder = DistributedApplication.CreateBuilder(args);

// How long a transaction waits before it is processed; tests shorten it with --Parameters:processing-delay=00:00:01.
var delay = builder.AddParameter("processing-delay");

// What opens /admin. The value in appsettings.json serves in Development alone; give another by Parameters__admin_key in the environment.
var adminKey = builder.AddParameter("admin-key", secret: true);

// What access tokens are signed with; as above, by Parameters__jwt_signing_key.
var signingKey = builder.AddParameter("jwt-signing-key", secret: true);

// --- Servers ---
var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("webhooks");

// Not "kafka": on Kubernetes that name puts KAFKA_PORT into the environment, and Kafka's image refuses to start with it.
var broker = builder.AddKafka("broker").WithKafkaUI();

// Rate limits. Nobody waits for it: while it is away each service counts by itself.
var redis = builder.AddRedis("redis");

// --- Services ---
var migrations = builder.AddProject<Projects.Processor_Worker>("migrations")
    .WithArgs("--migrate")
    .WithReference(database).WaitFor(database)
    .WithReference(broker).WaitFor(broker);

var ingest = builder.AddProject<Projects.Ingest_Api>("ingest-api")
    .WithHttpEndpoint().WithHttpHealthCheck("/health")
    .WithReference(database).WithReference(broker).WithReference(redis)
    .WithEnvironment("Processing__Delay", delay)
    .WithEnvironment("Auth__AdminKeys__0", adminKey)
    .WithEnvironment("Auth__Jwt__SigningKeys__0", signingKey)
    .WaitForCompletion(migrations);

var worker = builder.AddProject<Projects.Processor_Worker>("processor-worker")
    .WithHttpEndpoint().WithHttpHealthCheck("/health")
    .WithReference(database).WithReference(broker)
    .WithEnvironment("Processing__Delay", delay)
    .WaitForCompletion(migrations);

var query = builder.AddProject<Projects.Query_Api>("query-api")
    .WithHttpEndpoint().WithHttpHealthCheck("/health")
    .WithReference(database).WithReference(redis)
    .WithEnvironment("Auth__AdminKeys__0", adminKey)
    .WithEnvironment("Auth__Jwt__SigningKeys__0", signingKey)
    .WaitForCompletion(migrations);

var portal = builder.AddProject<Projects.Portal_Web>("portal")
    .WithHttpEndpoint(port: 8000).WithExternalHttpEndpoints().WithHttpHealthCheck("/health")
    .WithReference(ingest).WaitFor(ingest)
    .WithReference(worker).WaitFor(worker)
    .WithReference(query).WaitFor(query);

// Users to try it with, for a system that runs here and not for one that is deployed. docs/credentials.md says where their keys are.
if (!builder.ExecutionContext.IsPublishMode)
{
    var seed = builder.AddProject<Projects.Processor_Worker>("seed")
        .WithArgs("--seed")
        .WithReference(database)
        .WaitForCompletion(migrations);
    portal.WaitForCompletion(seed);
}

builder.Build().Run();
