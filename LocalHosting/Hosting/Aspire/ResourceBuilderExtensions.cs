using Aspire.Hosting.ApplicationModel;
using LocalHosting.Running;

namespace Aspire.Hosting;

/// <summary>What can be said of any resource.</summary>
public static class ResourceBuilderExtensions
{
    /// <summary>Arguments for its command line.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args) where T : IResourceWithArgs =>
        builder.Planned(plan => plan.Args.AddRange(args));

    /// <summary>An environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value) where T : IResourceWithEnvironment =>
        builder.Variable(name, _ => new(value));

    /// <summary>An environment variable whose value is asked for when the resource is started.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, Func<string> callback) where T : IResourceWithEnvironment =>
        builder.Variable(name, _ => new(callback()));

    /// <summary>An environment variable with a parameter's value.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment => builder.Variable(name, parameter.Resource.GetValueAsync);

    /// <summary>An environment variable with an endpoint's URL.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.Variable(name, endpointReference.GetValueAsync);

    /// <summary>An environment variable with a connection string.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string envVarName, IResourceBuilder<IResourceWithConnectionString> resource)
        where T : IResourceWithEnvironment => builder.Variable(envVarName, resource.Resource.GetConnectionStringAsync);

    /// <summary>Gives it the connection string, as <c>ConnectionStrings__name</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
        where TDestination : IResourceWithEnvironment =>
        builder.Planned(plan => plan.Connections.Add(new(source.Resource, connectionName, optional)));

    /// <summary>Gives it the other's URLs, as <c>services__name__http__0</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source) where TDestination : IResourceWithEnvironment =>
        builder.Planned(plan => plan.Services.Add(source.Resource));

    /// <summary>What the references after it put into the environment.</summary>
    public static IResourceBuilder<TDestination> WithReferenceEnvironment<TDestination>(
        this IResourceBuilder<TDestination> builder, ReferenceEnvironmentInjectionFlags flags) where TDestination : IResourceWithEnvironment =>
        builder.Planned(plan => plan.Injection = flags);

    /// <summary>Starts it once the other is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency) where T : IResourceWithWaitSupport =>
        builder.Planned(plan => plan.Waits.Add(new(dependency.Resource, null)));

    /// <summary>Starts it once the other has ended with this exit code; any other code fails the start.</summary>
    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => builder.Planned(plan => plan.Waits.Add(new(dependency.Resource, exitCode)));

    /// <summary>An HTTP endpoint: on <paramref name="port"/>, else on a free port. <paramref name="targetPort"/> is the same thing where nothing stands between.</summary>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.Planned(plan => plan.AddEndpoint(builder.Resource.Name, name ?? "http", port ?? targetPort, env));

    /// <summary>Marks its HTTP endpoints as those people open: they are shown when the system is ready.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints =>
        builder.Planned(plan => plan.Endpoints.ForEach(endpoint => endpoint.External = true));

    /// <summary>Healthy once a GET of <paramref name="path"/> answers <paramref name="statusCode"/> (200).</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null) where T : IResourceWithEndpoints =>
        builder.Planned(plan => plan.Health = new(path ?? "/", statusCode ?? 200, endpointName));

    /// <summary>Where it listens, to be given to others.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name) where T : IResourceWithEndpoints =>
        new(builder.Resource, name);

    internal static IResourceBuilder<T> Planned<T>(this IResourceBuilder<T> builder, Action<ResourcePlan> change) where T : IResource
    {
        change(builder.Resource.Plan);
        return builder;
    }

    private static IResourceBuilder<T> Variable<T>(this IResourceBuilder<T> builder, string name, Func<CancellationToken, ValueTask<string?>> value)
        where T : IResource => builder.Planned(plan => plan.Environment.Add(new(name, value)));

    private static void AddEndpoint(this ResourcePlan plan, string resource, string name, int? port, string? variable)
    {
        if (plan.Endpoints.Any(endpoint => endpoint.Name == name))
            throw new DistributedApplicationException($"Resource '{resource}' already has an endpoint '{name}'. Give the second one a name: WithHttpEndpoint(name: ...).");
        plan.Endpoints.Add(new(name, "http") { FixedPort = port, PortVariable = variable });
    }
}
