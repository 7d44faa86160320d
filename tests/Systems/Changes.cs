using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Systems;

/// <summary>What tests change in the model before it is built.</summary>
public static class Changes
{
    /// <summary>Puts variables into the environment of every service, instead of what stands there.</summary>
    public static void GiveServices(this IDistributedApplicationBuilder builder, params IEnumerable<(string Name, string Value)> variables)
    {
        foreach (var service in builder.Resources.OfType<ProjectResource>().Select(builder.CreateResourceBuilder))
        {
            foreach (var (name, value) in variables) service.WithEnvironment(name, value);
        }
    }

    /// <summary>Starts these services as another user, which only root can.</summary>
    public static void RunAs(this IDistributedApplicationBuilder builder, string user, string group, params IEnumerable<string> services)
    {
        foreach (var service in services.Select(builder.Find<ProjectResource>))
        {
            var program = service.Resource.Annotations.OfType<ExecutableAnnotation>().Last();
            string[] before = ["--reuid", user, "--regid", group, "--clear-groups", "--", program.Command];
            program.Command = "/usr/bin/setpriv";

            // In Development pages' scripts are read where NuGet put them, which is a folder of who built this. What is published has them beside it.
            service.WithEnvironment("ASPNETCORE_STATICWEBASSETS", "none.json");
            service.WithArgs(context =>
            {
                foreach (var (n, argument) in before.Index()) context.Args.Insert(n, argument);
            });
        }
    }

    /// <summary>Has a resource by its name.</summary>
    public static IResourceBuilder<T> Find<T>(this IDistributedApplicationBuilder builder, string name)
        where T : IResource => builder.CreateResourceBuilder((T)builder.Resources.Single(resource => resource.Name == name));
}
