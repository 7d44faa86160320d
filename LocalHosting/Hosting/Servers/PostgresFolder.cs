using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;
using LocalHosting.Processes;
using LocalHosting.Running;

namespace LocalHosting.Servers;

/// <summary>
/// Where a PostgreSQL server keeps its data, password and lock. One AppHost at a time has it:
/// the lock is the kernel's, so it is gone with the process that held it, however that ended.
/// </summary>
internal sealed class PostgresFolder : IDisposable
{
    private static readonly TimeSpan FormerServerPatience = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly FileStream _lock;

    private PostgresFolder(string path, bool fresh, FileStream held)
    {
        (_path, IsFresh, _lock) = (path, fresh, held);
        Password = ReadOrMakePassword();
    }

    /// <summary>Whether it goes with the run.</summary>
    public bool IsFresh { get; }

    public string Path => _path;

    public string Data => System.IO.Path.Combine(_path, "data");

    public string PasswordFile => System.IO.Path.Combine(_path, "password");

    public string Password { get; }

    /// <summary>Whether initdb has been through: it writes PG_VERSION early, pg_control's folder is complete only with the mark made after it.</summary>
    public bool IsInitialised => File.Exists(Mark);

    private string Mark => System.IO.Path.Combine(_path, "initialised");

    /// <summary>The user that owns it: PostgreSQL refuses root.</summary>
    public static string? User => Environment.UserName == "root" ? "postgres" : null;

    public static PostgresFolder Open(RunContext run, string resource, bool keepsData)
    {
        var fresh = run.IsTest || !keepsData;
        var path = fresh ? run.Folder.Sub(resource) : System.IO.Path.Combine(DataRoot.Path(run), Hash(run.AppHostFolder), resource);
        Directory.CreateDirectory(path);
        var held = Lock(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (User is not null)
            Posix.GiveTo(path, User);
        return new(path, fresh, held);
    }

    public void MarkInitialised() => File.WriteAllText(Mark, "");

    /// <summary>
    /// After kill -9 of an AppHost its postmaster finishes by itself (it was sent SIGINT), and after kill -9 of that its backends do;
    /// while one is left the next server would refuse the data. A pid file nobody stands behind goes: its number may be another's by now.
    /// </summary>
    public async Task WaitForFormerServerAsync(RunContext run, CancellationToken ct)
    {
        var deadline = run.Time.GetUtcNow() + FormerServerPatience;
        while (FormerServer() is { } pid)
        {
            if (run.Time.GetUtcNow() > deadline)
                throw new DistributedApplicationException($"A PostgreSQL server, process {pid}, still uses {Data}. Stop it with: kill -INT {pid}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), run.Time, ct);
        }
        File.Delete(System.IO.Path.Combine(Data, "postmaster.pid"));
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Every process of a PostgreSQL server stands in its data folder, and is known by that.</summary>
    private int? FormerServer() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(System.IO.Path.GetFileName(folder), out var pid) ? pid : 0)
        .Where(pid => pid != 0 && StandsInData(pid)).Cast<int?>().FirstOrDefault();

    private bool StandsInData(int pid)
    {
        try
        {
            return new DirectoryInfo($"/proc/{pid}/cwd").LinkTarget == Data && File.ReadAllText($"/proc/{pid}/comm").Trim() == "postgres";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Two clones on one machine do not share their data.</summary>
    private static string Hash(string appHostFolder) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(appHostFolder)))[..8];

    private static FileStream Lock(string path)
    {
        var pidFile = System.IO.Path.Combine(path, "apphost.pid");
        try
        {
            var held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(pidFile, $"{Environment.ProcessId}");
            return held;
        }
        catch (IOException)
        {
            var holder = File.Exists(pidFile) ? File.ReadAllText(pidFile) : "unknown";
            throw new DistributedApplicationException(
                $"PostgreSQL's data in {path} are in use by another AppHost, process {holder}. Nothing was started. Stop that one, or give this one data of its own: --LocalHosting:DataFolder=/some/folder");
        }
    }

    private string ReadOrMakePassword()
    {
        if (File.Exists(PasswordFile))
            return File.ReadAllText(PasswordFile).Trim();
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (var writer = new StreamWriter(PasswordFile, options))
            writer.WriteLine(password);
        if (User is not null)
            Posix.GiveTo(PasswordFile, User);
        return password;
    }
}
