using System.Reflection;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>The table of resources, as AppHost.cs writes it.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>appsettings.json and appsettings.{environment}.json of the AppHost's folder, environment variables, command line; the later wins.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The AppHost project's folder.</summary>
    string AppHostDirectory { get; }

    /// <summary>What the table is read for: always to be run.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>Adds a row.</summary>
    /// <param name="resource">The resource.</param>
    /// <exception cref="DistributedApplicationException">The name is taken, or no name.</exception>
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    /// <summary>Closes the table.</summary>
    DistributedApplication Build();
}

internal sealed partial class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly List<IResource> _resources = [];
    private readonly AppHostSession? _session;

    public DistributedApplicationBuilder(string[] args, Assembly? appHost, AppHostSession? session)
    {
        _session = session;
        AppHostDirectory = FolderOf(appHost);
        var environment = Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? "Development";
        Configuration
            .AddJsonFile(Path.Combine(AppHostDirectory, "appsettings.json"), optional: true, reloadOnChange: false)
            .AddJsonFile(Path.Combine(AppHostDirectory, $"appsettings.{environment}.json"), optional: true, reloadOnChange: false)
            .AddEnvironmentVariables()
            .AddCommandLine(args);
    }

    public ConfigurationManager Configuration { get; } = new();

    public string AppHostDirectory { get; }

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (!ValidName().IsMatch(resource.Name))
            throw new DistributedApplicationException($"'{resource.Name}' is no name for a resource: a letter, then letters, digits and single hyphens, 64 at most.");
        if (_resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
            throw new DistributedApplicationException($"There are two resources named '{resource.Name}'. Rename one in AppHost.cs.");
        _resources.Add(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    /// <summary>Started by a test, the AppHost stops here until the test has had its say.</summary>
    public DistributedApplication Build() => _session is null ? BuildNow(isTest: false) : _session.HandOver(this);

    public DistributedApplication BuildNow(bool isTest) => new(_resources, Configuration, AppHostDirectory, isTest);

    /// <summary>AppHost.targets writes the folder into the class Projects.{AppHost}; a program without one has its own.</summary>
    private static string FolderOf(Assembly? appHost) =>
        appHost?.GetType($"Projects.{NotWord().Replace(appHost.GetName().Name!, "_")}")?.GetProperty("ProjectPath", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as string
        ?? AppContext.BaseDirectory;

    [GeneratedRegex(@"^(?=.{1,64}$)[a-zA-Z](-?[a-zA-Z0-9])*$")]
    private static partial Regex ValidName();

    [GeneratedRegex(@"\W")]
    private static partial Regex NotWord();
}
