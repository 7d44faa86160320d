using LocalHosting.Servers;

namespace LocalHosting;

/// <summary>Servers of an AppHost as processes, for a machine on which no container engine runs.</summary>
public static class ServersWithoutContainers
{
    /// <summary>
    /// In run mode, where no container engine runs, PostgreSQL, Redis and Kafka run as processes on loopback, from Debian's packages; what is missing is
    /// installed (as root) or named with the command that installs it. <c>Servers=processes|containers</c> overrides. Kafka runs from Apache's jars
    /// where <c>KAFKA_HOME</c> names their folder, also beside an engine; else as the embedded broker, in memory. Publish mode is left alone.
    /// </summary>
    /// <param name="builder">The application, with all of its servers.</param>
    /// <param name="topics">What the embedded broker creates at its start, since it takes no requests to create topics.</param>
    /// <exception cref="DistributedApplicationException"><c>Servers</c> has another value, or <c>KAFKA_HOME</c> has no jars.</exception>
    public static IDistributedApplicationBuilder RunServersWithoutContainers(this IDistributedApplicationBuilder builder, params string[] topics)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        var areProcesses = AreProcesses(builder);
        var kafkaHome = FindKafkaHome(builder);
        var processes = new Processes(builder, builder.DataFolder());
        foreach (var resource in builder.Resources.ToList())
        {
            if (resource is KafkaServerResource kafka && kafkaHome is not null) processes.RunApacheKafka(kafka, kafkaHome);
            else if (areProcesses) processes.Run(resource, topics);
        }

        builder.Eventing.Subscribe<BeforeStartEvent>((_, stop) => processes.PrepareAsync(stop));
        return builder;
    }

    private static bool AreProcesses(IDistributedApplicationBuilder builder)
    {
        var asked = builder.Configuration["Servers"];
        if (asked is not (null or "" or "processes" or "containers"))
            throw Refusal.Of(builder, $"Servers={asked} is neither processes nor containers. Leave it out to have containers where an engine runs.");
        return string.IsNullOrEmpty(asked) ? !ContainerEngine.IsRunning(builder) : asked == "processes";
    }

    private static string? FindKafkaHome(IDistributedApplicationBuilder builder)
    {
        try
        {
            return KafkaHome.Find(builder.Configuration["KAFKA_HOME"], builder.AppHostDirectory);
        }
        catch (InvalidOperationException exception)
        {
            throw Refusal.Of(builder, exception.Message);
        }
    }

    /// <summary>The servers that become processes, and what they need.</summary>
    private sealed class Processes(IDistributedApplicationBuilder builder, string folder)
    {
        private readonly List<DebianPackage> _packages = [];
        private readonly List<string> _servers = [];

        public void Run(IResource resource, string[] topics)
        {
            if (resource is PostgresServerResource postgres)
            {
                Add(postgres, Script.Postgres, $"data in {FolderOf(postgres)}", DebianPackage.Postgres)
                    .WithArgs(FolderOf(postgres), postgres.PrimaryEndpoint.Property(EndpointProperty.Port))
                    .WithEnvironment("POSTGRES_PASSWORD", postgres.PasswordParameter);
            }
            else if (resource is RedisResource redis)
            {
                Add(redis, Script.Redis, "in memory", DebianPackage.Redis)
                    .WithArgs(redis.PrimaryEndpoint.Property(EndpointProperty.Port))
                    .WithEnvironment("REDIS_PASSWORD", redis.PasswordParameter!);
            }
            else if (resource is KafkaServerResource kafka)
            {
                Add(kafka, Script.EmbeddedKafka, "embedded, in memory; KAFKA_HOME=... runs Apache Kafka").WithArgs(kafka.Port).WithArgs([.. topics]);
            }
            else if (resource is KafkaUIContainerResource)
            {
                builder.Resources.Remove(resource); // It comes as a container alone.
            }
        }

        public void RunApacheKafka(KafkaServerResource kafka, string home) =>
            Add(kafka, Script.Kafka, $"Apache Kafka from {home}, data in {FolderOf(kafka)}", DebianPackage.Java)
                .WithArgs(home, FolderOf(kafka), kafka.Port, ControllerPort(kafka));

        /// <summary>Says what there will be, and sees to it that every program is there before anything is started.</summary>
        public async Task PrepareAsync(CancellationToken stop)
        {
            if (_servers.Count > 0) Console.WriteLine($"Servers as processes: {string.Join("; ", _servers)}.");
            try
            {
                await DebianPackages.EnsureAsync(_packages, Console.WriteLine, stop);
            }
            catch (InvalidOperationException exception)
            {
                throw Refusal.Of(builder, exception.Message);
            }
        }

        private IResourceBuilder<ExecutableResource> Add<T>(T server, string program, string how, params DebianPackage[] packages)
            where T : ContainerResource, IResourceWithConnectionString
        {
            _packages.AddRange(packages);
            _servers.Add($"{server.Name} ({how})");
            return builder.CreateResourceBuilder(server).RunAsProcess(program);
        }

        // The controller has the port that containers would use; asked for on this machine's network, since the containers' one has no address here.
        private static EndpointReferenceExpression ControllerPort(KafkaServerResource kafka) =>
            new EndpointReference(kafka, kafka.InternalEndpoint.EndpointName, KnownNetworkIdentifiers.LocalhostNetwork).Property(EndpointProperty.Port);

        private string FolderOf(IResource server) => Path.Combine(folder, server.Name);
    }
}
