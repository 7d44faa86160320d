using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace LocalHosting;

/// <summary>Whether servers can be containers here.</summary>
internal static class ContainerEngine
{
    /// <summary>Asks as Aspire does: by its orchestrator's <c>dcp info</c>. (A docker client can be installed without its engine.) Takes 0.1 s.</summary>
    /// <param name="builder">Whose assembly knows where the orchestrator is: Aspire's SDK has written it there.</param>
    public static bool IsRunning(IDistributedApplicationBuilder builder)
    {
        var path = builder.AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(metadata => metadata.Key == "dcpclipath")?.Value;
        if (path is null) return true; // An orchestrator from elsewhere (the aspire CLI's) says itself what is missing.
        using var dcp = Process.Start(new ProcessStartInfo(path, "info") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        dcp.ErrorDataReceived += (_, _) => { };
        dcp.BeginErrorReadLine();
        using var info = JsonDocument.Parse(dcp.StandardOutput.ReadToEnd());
        return info.RootElement.TryGetProperty("containers", out var containers) && Is(containers, "installed") && Is(containers, "running");
    }

    private static bool Is(JsonElement containers, string name) => containers.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
