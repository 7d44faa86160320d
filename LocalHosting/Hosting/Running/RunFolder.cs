using LocalHosting.Processes;

namespace LocalHosting.Running;

/// <summary>The folder of one run: servers' logs, and their data where it is not kept. Deleted at the end.</summary>
internal sealed class RunFolder
{
    private const string Prefix = "aspire-webhooks-";

    private readonly string _path = Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-").FullName;

    public RunFolder()
    {
        DeleteOrphans();
        // User postgres must get through to its own folder below; the folders below are closed to others.
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    public string Path => _path;

    public string Sub(string name) => Directory.CreateDirectory(System.IO.Path.Combine(_path, name)).FullName;

    public void Delete() => Delete(_path);

    /// <summary>After kill -9 of an AppHost its folder stays: the name says whose it was.</summary>
    private static void DeleteOrphans()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), $"{Prefix}*"))
        {
            var parts = System.IO.Path.GetFileName(folder)[Prefix.Length..].Split('-');
            if (parts.Length == 2 && int.TryParse(parts[0], out var owner) && !Posix.IsAlive(owner))
                Delete(folder);
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another run deletes it at the same time, or it is another user's.
        }
    }
}
