// The whole system as one table: `dotnet run --project AppHost` starts it. docs/architecture.md says why each part is there.
using LocalHosting;
using Microsoft.Extensions.Configuration;

if (args.Any(argument => argument is "--help" or "-h"))
{
    Console.WriteLine(Settings.Help);
    return;
}

var builder = DistributedApplication.CreateBuilder(args);

// A setting that the environment gives by the service's own name, such as WEBHOOK_SECRET=..., is the parameter's value: nothing overrides it silently.
builder.TakeFromEnvironment(
    ("processing-delay", "Processing:Delay"), ("admin-key", "Auth:AdminKeys:0"), ("jwt-signing-key", "Auth:Jwt:SigningKeys:0"),
    ("webhook-secret", "WEBHOOK_SECRET"), ("stripe-webhook-secret", "STRIPE_WEBHOOK_SECRET"));

// How long a transaction waits before it is processed; tests shorten it with --Parameters:processing-delay=00:00:01.
var delay = builder.AddParameter("processing-delay");

// Opens /admin. The value in appsettings.json serves in Development alone; give another by Parameters__admin_key in the environment.
var adminKey = builder.AddParameter("admin-key", secret: true);

// Signs access tokens; as above, by Parameters__jwt_signing_key.
var signingKey = builder.AddParameter("jwt-signing-key", secret: true);

// Signs the bank's callbacks; as above, by Parameters__webhook_secret.
var webhookSecret = builder.AddParameter("webhook-secret", secret: true);

// Signs Stripe's webhooks; as above, by Parameters__stripe_webhook_secret.
var stripeWebhookSecret = builder.AddParameter("stripe-webhook-secret", secret: true);

// By it the services know the portal's own reads, which use up none of its users' limits; as above, by Parameters__portal_key.
var portalKey = builder.AddParameter("portal-key", secret: true);

// The front door's port on this machine; another by --Port=8001, any free one by --Port=0.
var port = builder.Configuration.GetValue("Port", 8000);

// --- Servers ---
var postgres = builder.AddPostgres("postgres").WithDataVolume();
var database = postgres.AddDatabase("webhooks");

// ConnectionStrings__broker names a Kafka that is there already. The name is not "kafka": on Kubernetes that puts KAFKA_PORT into the environment, with
// which Kafka's image refuses to start. A worker that was killed is replaced after 15 s instead of Kafka's 45.
IResourceBuilder<IResourceWithConnectionString> broker = builder.Configuration.GetConnectionString("broker") is null
    ? builder.AddKafka("broker").WithDataVolume().WithKafkaUI()
        .WithEnvironment("KAFKA_GROUP_CONSUMER_SESSION_TIMEOUT_MS", "15000").WithEnvironment("KAFKA_GROUP_CONSUMER_MIN_SESSION_TIMEOUT_MS", "15000")
    : builder.AddConnectionString("broker");

// Rate limits. No service waits for it: while it is away each counts by itself.
var redis = builder.AddRedis("redis").WithoutHttpsCertificate().WithSecretPassword();

// --- Services ---
// Published, Aspire would have each believe X-Forwarded-For of anybody (DisableForwardedHeaders); whom they believe is ForwardedHeaders__KnownProxies__n alone.
//
// They are given connection strings whole. Aspire would give their parts as well, each in a variable of its own, of which some deployers write the passwords in
// plain text. (Said before WithReference, which reads it.)
const ReferenceEnvironmentInjectionFlags Whole = ReferenceEnvironmentInjectionFlags.All & ~ReferenceEnvironmentInjectionFlags.ConnectionProperties;

var migrations = builder.AddProject<Projects.Processor_Worker>("migrations")
    .WithArgs("--migrate")
    .WithReferenceEnvironment(Whole).WithReference(database).WaitFor(database)
    .WithReference(broker).WaitFor(broker);

var ingest = builder.AddProject<Projects.Ingest_Api>("ingest-api")
    .WithHttpEndpoint(isProxied: false).DisableForwardedHeaders().WithHttpHealthCheck("/health")
    .WithReferenceEnvironment(Whole).WithReference(database).WithReference(broker).WithReference(redis)
    .WithEnvironment("Processing__Delay", delay)
    .WithSecret("Auth__AdminKeys__0", adminKey)
    .WithSecret("Auth__Jwt__SigningKeys__0", signingKey)
    .WithSecret("WEBHOOK_SECRET", webhookSecret)
    .WithSecret("STRIPE_WEBHOOK_SECRET", stripeWebhookSecret)
    .WithSecret("RateLimits__PortalKey", portalKey)
    .WaitForCompletion(migrations);

// Ready once it has its partitions.
var worker = builder.AddProject<Projects.Processor_Worker>("processor-worker")
    .WithHttpEndpoint(isProxied: false).DisableForwardedHeaders().WithHttpHealthCheck("/health/worker")
    .WithReferenceEnvironment(Whole).WithReference(database).WithReference(broker)
    .WithEnvironment("Processing__Delay", delay)
    .WaitForCompletion(migrations);

var query = builder.AddProject<Projects.Query_Api>("query-api")
    .WithHttpEndpoint(isProxied: false).DisableForwardedHeaders().WithHttpHealthCheck("/health")
    .WithReferenceEnvironment(Whole).WithReference(database).WithReference(redis)
    .WithSecret("Auth__AdminKeys__0", adminKey)
    .WithSecret("Auth__Jwt__SigningKeys__0", signingKey)
    .WithSecret("RateLimits__PortalKey", portalKey)
    .WaitForCompletion(migrations);

// Waits for no other: while a service is away it answers 503 for that service alone.
var portal = builder.AddProject<Projects.Portal_Web>("portal")
    .WithHttpEndpoint(port, isProxied: false).DisableForwardedHeaders().WithExternalHttpEndpoints().WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => url.DisplayText = "Portal")
    .WithUrlForEndpoint("http", _ => new() { Url = "/admin", DisplayText = "Operators" })
    .WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "API documentation" })
    .WithReferenceEnvironment(Whole).WithReference(database) // The keys of its cookies, nothing else.
    .WithReference(ingest).WithReference(worker).WithReference(query)
    .WithSecret("Portal__Key", portalKey);

if (builder.ExecutionContext.IsRunMode)
{
    // A bank and a Stripe to play with; a system that is deployed has real ones, by Bank__Url on the worker. docs/sandbox.md
    var sandbox = builder.AddProject<Projects.Sandbox>("sandbox")
        .WithHttpEndpoint(isProxied: false).WithExternalHttpEndpoints().WithHttpHealthCheck("/health")
        .WithReferenceEnvironment(Whole).WithReference(database)
        .WithReference(ingest)
        .WithSecret("WEBHOOK_SECRET", webhookSecret)
        .WithSecret("STRIPE_WEBHOOK_SECRET", stripeWebhookSecret);
    worker.WithReference(sandbox);
    portal.WithReference(sandbox);

    // Where operators find traces; the address is AppHost/Properties/launchSettings.json's.
    if (builder.Configuration["ASPNETCORE_URLS"]?.Split(';')[0] is { Length: > 0 } dashboard)
        portal.WithEnvironment("Portal__DashboardUrl", dashboard).WithEnvironment("Portal__TraceUrl", $"{dashboard}/traces/detail/{{trace_id}}");
    sandbox.WithBankBehaviours().WithStripeBehaviours().WithInboxBehaviours();

    // Users to try it with. Their keys are kept with the data that they are of: docs/credentials.md.
    var keys = builder.Configuration["Seed:CredentialsFile"] ?? Path.Combine(builder.DataFolder(), "credentials.txt");
    migrations.WithArgs("--seed").WithEnvironment("Seed__CredentialsFile", keys);

    // An endpoint at the sandbox's inbox, through the front door, whose port stays the same from start to start.
    var inboxSecret = builder.AddParameter("inbox-secret", secret: true);
    migrations.WithEnvironment("Seed__InboxUrl", $"{portal.GetEndpoint("http")}/sandbox/inbox").WithEnvironment("Seed__InboxSecret", inboxSecret);
    sandbox.WithEnvironment("Inbox__Secrets__0", inboxSecret);
}

if (builder.ExecutionContext.IsPublishMode)
{
    // Of senders and all other callers without a user: outside Development a service that would be open to everybody does not start.
    var apiKey = builder.AddParameter("api-key", secret: true);
    ingest.WithSecret("Auth__ApiKeys__0", apiKey);
    query.WithSecret("Auth__ApiKeys__0", apiKey);

    // Aspire creates the database where it runs the system; where others do, the image has to, in UTF-8 whatever its locale is.
    postgres.WithEnvironment("POSTGRES_DB", database.Resource.DatabaseName)
        .WithEnvironment("POSTGRES_INITDB_ARGS", "--auth-host=scram-sha-256 --auth-local=scram-sha-256 --encoding=UTF8");
}

// What the dashboard's menus offer.
postgres.WithLedgerCheck(database.Resource, worker.Resource);
worker.WithRedrive(ingest, adminKey.Resource);
portal.WithSampleWebhook();

// How it runs on this machine: LocalHosting.
builder.CheckPorts();
builder.KeepConnectionStrings();
builder.RunServersWithoutContainers(
    "transactions", "transactions.dlq", "payments", "payments.dlq", "charges", "charges.dlq", "deliveries", "deliveries.dlq");
builder.StartProgramsDirectly();
builder.PollHealthChecks();
builder.RestartWhatDies();
builder.WriteToConsole();

builder.Build().RunUntilStopped();
