using System.Runtime.InteropServices;

namespace LocalHosting.Processes;

/// <summary>The few system calls .NET has no API for.</summary>
internal static partial class Posix
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentId();

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint owner, uint group);

    /// <summary>Whether a process is there (a zombie is not).</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            // "pid (name) S ...": the name may hold anything, so the state is looked for behind the last bracket.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Gives a file or folder to a user of /etc/passwd.</summary>
    public static void GiveTo(string path, string user)
    {
        var entry = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(parts => parts[0] == user);
        if (Chown(path, uint.Parse(entry[2]), uint.Parse(entry[3])) != 0)
            throw new IOException($"{path} cannot be given to user '{user}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }
}
