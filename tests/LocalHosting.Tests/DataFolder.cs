using LocalHosting.Servers;

namespace LocalHosting.Tests;

/// <summary>Where a program under test keeps its data, in place of the user's own; gone after the test.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly string _root = ScratchFolder.Create();

    public string Path => System.IO.Path.Combine(_root, "data");

    public string Arg => $"--DataFolder={Path}";

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
