using Aspire.Hosting.ApplicationModel;
using LocalHosting.Running;

namespace Aspire.Hosting;

/// <summary>Adds projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project of the solution: the class in <c>Projects</c> says where it lies.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddResource(new ProjectResource(name) { Metadata = new TProject() });

    /// <summary>Starts it several times; each has a port of its own.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
        builder.Planned(plan => plan.Replicas = replicas);
}

/// <summary>Adds programs.</summary>
public static class ExecutableResourceBuilderExtensions
{
    /// <summary>Adds a program; <paramref name="workingDirectory"/> is relative to the AppHost's folder.</summary>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddResource(new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory))).WithArgs(args ?? []);
}

/// <summary>Adds what whoever starts the system gives.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter: <c>--Parameters:name=value</c>, or in appsettings.json.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, secret, () => GivenValues.Parameter(builder.Configuration, name)));

    /// <summary>Adds a parameter with the value it has when none is given.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, secret, () => GivenValues.FindParameter(builder.Configuration, name) ?? value));

    /// <summary>Adds a server that is there already: <c>ConnectionStrings__name</c> says where.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
        builder.AddResource(new ConnectionStringResource(name, environmentVariableName, () => GivenValues.ConnectionString(builder.Configuration, name)));
}

/// <summary>Adds PostgreSQL.</summary>
public static class PostgresBuilderExtensions
{
    /// <summary>Adds a PostgreSQL server with a password of its own, on loopback; <paramref name="port"/> or a free one.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder, string name,
        IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        if (userName is not null || password is not null)
            throw new DistributedApplicationException($"AddPostgres(\"{name}\"): the local orchestrator makes up the password itself; leave out userName and password.");
        return builder.AddResource(new PostgresServerResource(name)).Planned(plan => plan.Endpoints.Add(new("tcp", "tcp") { FixedPort = port }));
    }

    /// <summary>Keeps its data when the system is stopped (docs/operations.md says where).</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.Resource.KeepsData = true;
        return builder;
    }

    /// <summary>Adds a database, created where it is not there yet.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.DatabaseList.Add(database);
        return builder.ApplicationBuilder.AddResource(database);
    }
}

/// <summary>Adds Redis.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a Redis server with a password of its own, on loopback, its data in memory alone; <paramref name="port"/> or a free one.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        if (password is not null)
            throw new DistributedApplicationException($"AddRedis(\"{name}\"): the local orchestrator makes up the password itself; leave out password.");
        return builder.AddResource(new RedisResource(name)).Planned(plan => plan.Endpoints.Add(new("tcp", "tcp") { FixedPort = port }));
    }
}

/// <summary>Adds Kafka.</summary>
public static class KafkaBuilderExtensions
{
    /// <summary>Adds a broker: <c>ConnectionStrings__name</c> where given, else real Kafka from KAFKA_HOME, else the embedded one.</summary>
    public static IResourceBuilder<KafkaServerResource> AddKafka(this IDistributedApplicationBuilder builder, string name, int? port = null) =>
        builder.AddResource(new KafkaServerResource(name)).Planned(plan => plan.Endpoints.Add(new("tcp", "tcp") { FixedPort = port }));

    /// <summary>Does nothing here: the page comes as a container.</summary>
    public static IResourceBuilder<KafkaServerResource> WithKafkaUI(
        this IResourceBuilder<KafkaServerResource> builder, Action<IResourceBuilder<KafkaUIContainerResource>>? configureContainer = null, string? containerName = null) => builder;
}
