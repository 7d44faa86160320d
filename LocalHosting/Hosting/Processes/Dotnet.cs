using System.Runtime.InteropServices;

namespace LocalHosting.Processes;

/// <summary>The dotnet program this process runs on: children get the same one, wherever it was installed.</summary>
internal static class Dotnet
{
    /// <summary>Three folders above the runtime's: <c>root/shared/Microsoft.NETCore.App/10.0.1/</c>.</summary>
    public static string Path { get; } = System.IO.Path.GetFullPath("../../../dotnet", RuntimeEnvironment.GetRuntimeDirectory());
}
