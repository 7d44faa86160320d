namespace LocalHosting.Tests;

/// <summary>The programs that tests start, where they were built: beside this assembly's own folder, in the same configuration.</summary>
internal static class Programs
{
    public static string Probe => Of("tests/LocalHosting.Tests/Probe");

    public static string SampleHost => Of("tests/LocalHosting.Tests/SampleHost");

    public static string AppHost => Of("AppHost");

    /// <summary>The folder of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath("../../../../..", AppContext.BaseDirectory);

    // .../tests/LocalHosting.Tests/bin/Debug/net10.0/
    public static string Of(string project)
    {
        var output = Path.GetRelativePath(Path.Combine(Root, "tests/LocalHosting.Tests"), AppContext.BaseDirectory);
        return Path.Combine(Root, project, output, Path.GetFileName(project));
    }
}
