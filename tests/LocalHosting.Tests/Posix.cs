using System.Runtime.InteropServices;

namespace LocalHosting.Tests;

/// <summary>Signals to processes, by their numbers on Linux.</summary>
internal static partial class Posix
{
    public const int Int = 2, Kill = 9, Term = 15, Cont = 18;

    public static void Signal(int pid, int signal) => _ = Send(pid, signal); // Gone already: that is what was wanted, or will be seen.

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int pid, int signal);
}
