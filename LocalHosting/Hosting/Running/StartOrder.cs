using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LocalHosting.Running;

/// <summary>Who needs whom: what is waited for, and the servers whose connection strings are used.</summary>
internal static class StartOrder
{
    /// <summary>Direct needs. Services that merely know each other's URL do not need each other: that may go round in a circle.</summary>
    public static IEnumerable<IResource> Needs(IResource resource)
    {
        var needs = resource.Plan.Waits.Select(wait => wait.On).Concat(resource.Plan.Connections.Select(connection => connection.Source));
        return resource is PostgresDatabaseResource database ? needs.Append(database.Parent) : needs;
    }

    /// <summary>Refuses a table in which resources wait for each other in a circle: they would wait forever.</summary>
    public static void Check(IReadOnlyList<IResource> resources)
    {
        var done = new HashSet<IResource>();
        foreach (var resource in resources)
            Visit(resource, [], done);
    }

    private static void Visit(IResource resource, List<IResource> path, HashSet<IResource> done)
    {
        if (done.Contains(resource))
            return;
        if (path.Contains(resource))
        {
            var circle = path.Skip(path.IndexOf(resource)).Append(resource).Select(r => r.Name);
            throw new DistributedApplicationException($"Resources wait for each other: {string.Join(" -> ", circle)}. Take one WaitFor out of AppHost.cs.");
        }
        path.Add(resource);
        foreach (var need in Needs(resource))
            Visit(need, path, done);
        path.RemoveAt(path.Count - 1);
        done.Add(resource);
    }
}
