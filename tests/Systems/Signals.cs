using System.Runtime.InteropServices;

namespace Systems;

/// <summary>Signals to processes, by their numbers on Linux.</summary>
public static partial class Signals
{
    public const int Interrupt = 2, Kill = 9, Term = 15, Cont = 18, Stop = 19;

    public static void Send(int pid, int signal) => _ = SendSignal(pid, signal); // Gone already: that is what was wanted, or will be seen.

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
