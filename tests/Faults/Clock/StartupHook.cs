/// <summary>
/// .NET calls this in every process that is started with DOTNET_STARTUP_HOOKS=this assembly, before its Main. Being loaded is all it is for:
/// ASPNETCORE_HOSTINGSTARTUPASSEMBLIES then finds <see cref="Faults.Clock.ClockStartup"/> by name, and no service knows of faults.
/// </summary>
internal static class StartupHook
{
    /// <summary>The name and signature .NET asks for.</summary>
    public static void Initialize()
    {
    }
}
