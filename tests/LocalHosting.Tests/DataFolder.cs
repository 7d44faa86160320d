namespace LocalHosting.Tests;

/// <summary>Where a host under test keeps its data, in place of the user's own; gone after the test.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Create();

    public string Arg => $"--LocalHosting:DataFolder={Path}";

    /// <summary>The one PostgreSQL folder in it.</summary>
    public string Postgres => Directory.EnumerateDirectories(Directory.EnumerateDirectories(Path).Single()).Single();

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string Create()
    {
        var path = Directory.CreateTempSubdirectory("localhosting-tests-").FullName;
        // User postgres must get through.
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("711", 8));
        return path;
    }
}
