using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds Kafka brokers, as the package Aspire.Hosting.Kafka does, to whose documentation this keeps.</summary>
public static class KafkaBuilderExtensions
{
    private const string Registry = "docker.io", Image = "confluentinc/confluent-local", ImageTag = "8.2.0", UIImage = "kafbat/kafka-ui", UIImageTag = "v1.3.0";
    private const string DataFolder = "/var/lib/kafka/data";
    private const int PrimaryPort = 9092, InternalPort = 9093, UIPort = 8080;

    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Adds a broker: a container with one node, which is its own controller (KRaft).</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="port">The port on this machine; null: a free one.</param>
    public static IResourceBuilder<KafkaServerResource> AddKafka(this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
    {
        var kafka = new KafkaServerResource(name);
        var healthCheck = $"{name}_check";
        builder.Services.AddHealthChecks().AddAsyncCheck(healthCheck, stop => CheckAsync(kafka, stop));
        return builder.AddResource(kafka)
            .WithEndpoint(targetPort: PrimaryPort, port: port, name: KafkaServerResource.PrimaryEndpointName)
            .WithEndpoint(targetPort: InternalPort, name: KafkaServerResource.InternalEndpointName)
            .WithImage(Image, ImageTag).WithImageRegistry(Registry)
            .WithIconName("MailMultiple")
            .WithEnvironment(context => AddListeners(context, kafka))
            .WithHealthCheck(healthCheck);
    }

    /// <summary>Keeps the broker's data in a volume.</summary>
    /// <param name="builder">The broker.</param>
    /// <param name="name">The volume's name; null: made of the application's and the resource's.</param>
    /// <param name="isReadOnly">Whether it is mounted read-only.</param>
    public static IResourceBuilder<KafkaServerResource> WithDataVolume(
        this IResourceBuilder<KafkaServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithEnvironment("KAFKA_LOG_DIRS", DataFolder).WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), DataFolder, isReadOnly);

    /// <summary>Adds a page that shows topics, records and consumer groups of every broker.</summary>
    /// <param name="builder">A broker.</param>
    /// <param name="configureContainer">Changes the page's container.</param>
    /// <param name="containerName">Its name; null: <c>kafka-ui</c>.</param>
    public static IResourceBuilder<KafkaServerResource> WithKafkaUI(
        this IResourceBuilder<KafkaServerResource> builder,
        Action<IResourceBuilder<KafkaUIContainerResource>>? configureContainer = null,
        string? containerName = null)
    {
        var application = builder.ApplicationBuilder;
        var page = application.Resources.OfType<KafkaUIContainerResource>().SingleOrDefault() is { } there
            ? application.CreateResourceBuilder(there)
            : application.AddResource(new KafkaUIContainerResource(containerName ?? "kafka-ui"))
                .WithImage(UIImage, UIImageTag).WithImageRegistry(Registry)
                .WithIconName("WindowDatabase")
                .WithHttpEndpoint(targetPort: UIPort)
                .WithEnvironment(context => AddClusters(context, application))
                .ExcludeFromManifest();
        configureContainer?.Invoke(page);
        return builder;
    }

    // One listener for this machine's processes, one for containers; each is told to clients as they reach it.
    private static void AddListeners(EnvironmentCallbackContext context, KafkaServerResource kafka)
    {
        var machine = context.ExecutionContext.IsRunMode
            ? ReferenceExpression.Create($"localhost:{kafka.Port}")
            : ReferenceExpression.Create($"{kafka.PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");
        var containers = kafka.InternalEndpoint.Property(EndpointProperty.HostAndPort);
        context.EnvironmentVariables["KAFKA_LISTENERS"] =
            $"PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,PLAINTEXT_HOST://0.0.0.0:{PrimaryPort},PLAINTEXT_INTERNAL://0.0.0.0:{InternalPort}";
        context.EnvironmentVariables["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] =
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT";
        context.EnvironmentVariables["KAFKA_ADVERTISED_LISTENERS"] =
            ReferenceExpression.Create($"PLAINTEXT://localhost:29092,PLAINTEXT_HOST://{machine},PLAINTEXT_INTERNAL://{containers}");
    }

    private static void AddClusters(EnvironmentCallbackContext context, IDistributedApplicationBuilder application)
    {
        foreach (var (index, kafka) in application.Resources.OfType<KafkaServerResource>().Index())
        {
            context.EnvironmentVariables[$"KAFKA_CLUSTERS_{index}_NAME"] = kafka.Name;
            context.EnvironmentVariables[$"KAFKA_CLUSTERS_{index}_BOOTSTRAPSERVERS"] =
                ReferenceExpression.Create($"{kafka.Name}:{kafka.InternalEndpoint.Property(EndpointProperty.TargetPort)}");
        }
    }

    // The client's call blocks, so it gets a thread of its own.
    private static async Task<HealthCheckResult> CheckAsync(IResourceWithConnectionString kafka, CancellationToken stop)
    {
        var config = new AdminClientConfig { BootstrapServers = await kafka.GetConnectionStringAsync(stop) };
        return await Task.Factory.StartNew(() => Check(config), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static HealthCheckResult Check(AdminClientConfig config)
    {
        using var admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        try
        {
            return HealthCheckResult.Healthy($"{admin.GetMetadata(HealthTimeout).Brokers.Count} brokers");
        }
        catch (KafkaException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Error.Reason);
        }
    }
}
