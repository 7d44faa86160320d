using Aspire.Hosting;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Running;

/// <summary>Values that whoever starts the system gives, and what to say when they did not.</summary>
internal static class GivenValues
{
    public static string? FindParameter(IConfiguration configuration, string name) =>
        // Shells take no hyphen in a variable's name, so Parameters__processing_delay is read for processing-delay, as Aspire does.
        configuration[$"Parameters:{name}"] ?? configuration[$"Parameters:{name.Replace('-', '_')}"];

    public static string Parameter(IConfiguration configuration, string name) =>
        FindParameter(configuration, name) ?? throw new DistributedApplicationException(
            $"Parameter '{name}' has no value. Give it on the command line (--Parameters:{name}=...), in the environment (Parameters__{name.Replace('-', '_')}) or in AppHost/appsettings.json.");

    public static string ConnectionString(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name) ?? throw new DistributedApplicationException(
            $"Connection string '{name}' has no value. Give it in the environment (ConnectionStrings__{name}) or on the command line (--ConnectionStrings:{name}=...).");
}
