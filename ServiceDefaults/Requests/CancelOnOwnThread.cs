namespace ServiceDefaults.Requests;

/// <summary>
/// Cancels on a thread of its own. Npgsql asks the server to cancel a statement inside the call that cancels its token, and blocks there for up to
/// the connection's Timeout (15 s) when the server hangs. A time-out cancels on a thread of the pool: on 2 cores the statements of three committers
/// and of two probes a second held all 25 threads of the pool, and /alive was not answered for 9 s (seen by tests/Faults).
/// </summary>
public static class CancelOnOwnThread
{
    /// <summary>Returns a token that is cancelled right after this one, without blocking the canceller or a thread of the pool.</summary>
    public static CancellationToken OnOwnThread(this CancellationToken token)
    {
#pragma warning disable CA2000 // Not disposed of: its thread may still be cancelling it, and it holds neither a timer nor a handle.
        var aside = new CancellationTokenSource();
#pragma warning restore CA2000
        token.UnsafeRegister(
            static source => Task.Factory.StartNew(
                static source => ((CancellationTokenSource)source!).Cancel(),
                source, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            aside);
        return aside.Token;
    }
}
