using LocalHosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One row of the AppHost's table: a process, a database, a parameter.</summary>
public interface IResource
{
    /// <summary>Its name: letters, digits and hyphens, unique in the table.</summary>
    string Name { get; }

    internal ResourcePlan Plan { get; }
}

/// <summary>A resource that takes environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource that takes command line arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>A resource that listens on ports.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource that can be made to wait for another.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>A resource that others reach with a connection string.</summary>
public interface IResourceWithConnectionString : IResource
{
    /// <summary>The environment variable that carries it, where it is not <c>ConnectionStrings__name</c>.</summary>
    string? ConnectionStringEnvironmentVariable { get; }

    /// <summary>The connection string; completes once its port is known.</summary>
    /// <param name="cancellationToken">Stops the wait.</param>
    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default);
}

/// <summary>What all resources have.</summary>
/// <param name="name">Its name.</param>
public abstract class Resource(string name) : IResource
{
    /// <inheritdoc />
    public string Name { get; } = name;

    ResourcePlan IResource.Plan { get; } = new();
}

/// <summary>A program started from its path.</summary>
/// <param name="name">Its name.</param>
/// <param name="command">File to run: a path, or a name looked for on PATH.</param>
/// <param name="workingDirectory">Folder it runs in.</param>
public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>File to run.</summary>
    public string Command { get; } = command;

    /// <summary>Folder it runs in.</summary>
    public string WorkingDirectory { get; } = workingDirectory;
}

/// <summary>A .NET project, run from its built assembly.</summary>
/// <param name="name">Its name.</param>
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    internal IProjectMetadata? Metadata { get; init; }
}

/// <summary>A value that whoever starts the system gives: <c>--Parameters:name=value</c>.</summary>
public class ParameterResource : Resource
{
    private readonly Func<string> _value;

    internal ParameterResource(string name, bool secret, Func<string> value) : base(name)
    {
        Secret = secret;
        _value = value;
    }

    /// <summary>Whether it must never be shown.</summary>
    public bool Secret { get; }

    /// <summary>The value.</summary>
    /// <param name="cancellationToken">Not used: nobody is asked here.</param>
    /// <exception cref="DistributedApplicationException">It was not given; the message says how to.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(_value());
}

/// <summary>A PostgreSQL server.</summary>
/// <param name="name">Its name.</param>
public class PostgresServerResource(string name) : Resource(name), IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithWaitSupport
{
    internal bool KeepsData { get; set; }

    internal List<PostgresDatabaseResource> DatabaseList { get; } = [];

    string? IResourceWithConnectionString.ConnectionStringEnvironmentVariable => null;

    /// <summary>Databases added to it: resource name to database name.</summary>
    public IReadOnlyDictionary<string, string> Databases => DatabaseList.ToDictionary(d => d.Name, d => d.DatabaseName);

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => this.ConnectionString(cancellationToken);
}

/// <summary>A database on a PostgreSQL server; created where it is not there.</summary>
/// <param name="name">Its name as a resource.</param>
/// <param name="databaseName">Its name on the server.</param>
/// <param name="postgresParentResource">The server.</param>
public class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource postgresParentResource)
    : Resource(name), IResourceWithConnectionString
{
    /// <summary>Its name on the server.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>The server.</summary>
    public PostgresServerResource Parent { get; } = postgresParentResource;

    string? IResourceWithConnectionString.ConnectionStringEnvironmentVariable => null;

    /// <inheritdoc />
    public async ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        $"{await Parent.GetConnectionStringAsync(cancellationToken)};Database={DatabaseName}";
}

/// <summary>A Redis server.</summary>
/// <param name="name">Its name.</param>
public class RedisResource(string name) : Resource(name), IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithWaitSupport
{
    string? IResourceWithConnectionString.ConnectionStringEnvironmentVariable => null;

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => this.ConnectionString(cancellationToken);
}

/// <summary>A connection string that whoever starts the system gives: <c>ConnectionStrings__name</c>.</summary>
public sealed class ConnectionStringResource : Resource, IResourceWithConnectionString, IResourceWithWaitSupport
{
    private readonly Func<string> _value;

    internal ConnectionStringResource(string name, string? environmentVariableName, Func<string> value) : base(name)
    {
        ConnectionStringEnvironmentVariable = environmentVariableName;
        _value = value;
    }

    /// <inheritdoc />
    public string? ConnectionStringEnvironmentVariable { get; }

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => new(_value());
}
