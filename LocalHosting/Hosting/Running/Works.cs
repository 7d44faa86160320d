using Aspire.Hosting.ApplicationModel;
using LocalHosting.Packages;
using LocalHosting.Servers;

namespace LocalHosting.Running;

/// <summary>Which work each kind of resource is, and which Debian packages it needs.</summary>
internal static class Works
{
    /// <summary>Null for what is only a value: parameters, connection strings.</summary>
    public static IWork? For(IResource resource, RunContext run) => resource switch
    {
        ProjectResource or ExecutableResource => new ProgramWork(run, resource),
        PostgresServerResource server => new PostgresWork(run, server),
        PostgresDatabaseResource database => new DatabaseWork(database),
        Aspire.Hosting.KafkaServerResource => Kafka(resource, run),
        RedisResource => new RedisWork(run, resource),
        _ => null,
    };

    public static bool IsStarted(IResource resource) => resource is not (ParameterResource or ConnectionStringResource or PostgresDatabaseResource);

    public static IEnumerable<DebianPackage> Packages(IEnumerable<IResource> resources, RunContext run)
    {
        foreach (var resource in resources)
        {
            if (resource is PostgresServerResource)
                yield return new("postgresql", "the database server", () => PostgresBinaries.Folder() is not null);
            if (resource is RedisResource)
                yield return DebianPackage.Redis;
            if (resource is not Aspire.Hosting.KafkaServerResource)
                continue;
            yield return DebianPackage.Librdkafka;
            if (KafkaChoice.For(resource.Name, run.Configuration, run.AppHostFolder) is KafkaChoice.FromJars)
                yield return new("default-jre-headless", "Java, for the Kafka in KAFKA_HOME", () => KafkaFromJarsWork.FindJava() is not null);
        }
    }

    private static IWork Kafka(IResource resource, RunContext run)
    {
        switch (KafkaChoice.For(resource.Name, run.Configuration, run.AppHostFolder))
        {
            case KafkaChoice.External external:
                return new ExternalKafkaWork(run, resource, external.Bootstrap);
            case KafkaChoice.FromJars jars:
                KafkaFromJarsWork.TellClients(resource);
                return new KafkaFromJarsWork(run, resource, jars.Home);
            default:
                EmbeddedKafkaWork.TellClients(resource);
                return new EmbeddedKafkaWork(run, resource);
        }
    }
}
