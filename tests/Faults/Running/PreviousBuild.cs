namespace Faults.Running;

/// <summary>
/// Projects as they were at another commit, built in a work tree of their own that goes with this. FAULTS_PREVIOUS names the commit; else it is the last one
/// before the schema changed, which is what must run on the schema of today.
/// </summary>
internal sealed class PreviousBuild : IAsyncDisposable
{
    /// <summary>What a test run sets, for MSBuild and for the services, and a build of its own must not find.</summary>
    private static readonly string[] NotInherited =
    [
        "MSBUILDEXTENSIONSPATH", "MSBuildExtensionsPath", "MSBuildSDKsPath", "MSBuildLoadMicrosoftTargetsReadOnly", "MSBUILD_EXE_PATH",
        "DOTNET_STARTUP_HOOKS", "DOTNET_HOST_PATH",
    ];

    private readonly string _root, _folder;

    private PreviousBuild(string root, string folder, string commit) => (_root, _folder, Commit) = (root, folder, commit);

    /// <summary>Its hash and its message's first line.</summary>
    public string Commit { get; }

    /// <summary>A project's program.</summary>
    public string ProgramOf(string project) => Path.Combine(_folder, project, "bin/Debug/net10.0", project);

    public static async Task<PreviousBuild> MakeAsync(params string[] projects)
    {
        var root = await OwnProcess.RunAsync("git", "-C", AppContext.BaseDirectory, "rev-parse", "--show-toplevel");
        var revision = Environment.GetEnvironmentVariable("FAULTS_PREVIOUS") is { Length: > 0 } given
            ? given : await OwnProcess.RunAsync("git", "-C", root, "log", "-1", "--format=%H", "--", "Data/Migrations") + "~1";
        var commit = await OwnProcess.RunAsync("git", "-C", root, "log", "-1", "--format=%h %s", revision);
        var folder = Path.Combine(Path.GetTempPath(), $"faults-previous-{Environment.ProcessId}");
        await OwnProcess.RunAsync("git", "-C", root, "worktree", "add", "--detach", folder, revision);
        var build = new PreviousBuild(root, folder, commit);
        try
        {
            foreach (var project in projects) await build.BuildAsync(project);
            return build;
        }
        catch
        {
            await build.DisposeAsync();
            throw;
        }
    }

    // No build server: it would outlive the test.
    private Task BuildAsync(string project) => OwnProcess.RunAsync(
        "env",
        [
            .. NotInherited.SelectMany(name => (string[])["-u", name]), "dotnet", "build", "-c", "Debug", "-nodeReuse:false",
            "-p:UseSharedCompilation=false", "--nologo", Path.Combine(_folder, project, $"{project}.csproj"),
        ]);

    public async ValueTask DisposeAsync() => await OwnProcess.RunAsync("git", "-C", _root, "worktree", "remove", "--force", _folder);
}
