using System.Runtime.InteropServices;

namespace LocalHosting.EmbeddedKafka;

/// <summary>
/// Keeps signals from librdkafka's cluster: its thread ends for good, and nobody can connect any more, when a signal interrupts its poll(2). SIGCONT does, for which
/// .NET has a handler: a broker that was stopped and went on did so now and then, by whichever thread the kernel chose.
/// </summary>
internal static partial class SignalMask
{
    /// <summary>SIG_SETMASK, and how many 64-bit words a sigset_t has, by glibc's bits/sigaction.h and bits/types/__sigset_t.h.</summary>
    private const int SetMask = 2, Words = 16;

    /// <summary>Runs something whose new threads get no signals: they inherit the mask of the one that makes them (pthread_create(3)).</summary>
    public static T WithoutSignals<T>(Func<T> start)
    {
        Span<ulong> all = stackalloc ulong[Words], before = stackalloc ulong[Words];
        all.Fill(ulong.MaxValue);
        if (Set(SetMask, all, before) is not 0 and var error)
            throw new InvalidOperationException($"Signals cannot be masked: {Marshal.GetPInvokeErrorMessage(error)}.");
        try
        {
            return start();
        }
        finally
        {
            _ = Set(SetMask, before, default);
        }
    }

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int Set(int how, ReadOnlySpan<ulong> set, Span<ulong> before);
}
