using LocalHosting.Running;

namespace LocalHosting.Servers;

/// <summary>A server's own lines: all into a file of the run's folder, on the screen only those that warn or fail.</summary>
internal sealed class ServerLog(RunContext run, string resource, string[] shown)
{
    private readonly Lock _lock = new();
    private readonly string _file = Path.Combine(run.Folder.Path, $"{resource}.log");

    public void Add(string line, bool hide = false)
    {
        lock (_lock)
            File.AppendAllText(_file, line + Environment.NewLine);
        if (!hide && shown.Any(mark => line.Contains(mark, StringComparison.Ordinal)))
            run.Screen.Line(resource, line);
    }
}
