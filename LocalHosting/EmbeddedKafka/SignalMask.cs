using System.Runtime.InteropServices;

namespace LocalHosting.EmbeddedKafka;

/// <summary>
/// Keeps signals from the mock cluster's thread, which ends for good when a signal interrupts its poll(2). SIGCONT does so, since .NET has a handler for it:
/// a broker that was stopped and continued refused every connection afterwards, when the kernel had chosen that thread.
/// </summary>
internal static partial class SignalMask
{
    /// <summary>SIG_SETMASK, and the number of 64-bit words of a sigset_t (glibc, bits/sigaction.h and bits/types/__sigset_t.h).</summary>
    private const int SetMask = 2, Words = 16;

    /// <summary>Runs a function whose new threads receive no signals: they inherit the mask of the thread that creates them (pthread_create(3)).</summary>
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
