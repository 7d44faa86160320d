namespace ServiceDefaults.Requests;

/// <summary>
/// Cancels on a thread of its own. Npgsql asks the server to cancel a statement inside the call that cancels its token, and waits there for as long
/// as the connection's Timeout (15 s) when that server hangs. Where a time-out does the cancelling, the thread is one of the pool's: on 2 cores the
/// statements of three committers and of two probes a second held all 25 that it then had, and /alive was not answered for 9 s (seen by tests/Faults).
/// </summary>
public static class CancelAside
{
    /// <summary>A token that is cancelled soon after this one, and holds up neither who cancels it nor the pool.</summary>
    public static CancellationToken Aside(this CancellationToken token)
    {
#pragma warning disable CA2000 // Not disposed of: its thread may still be cancelling it, and it holds neither a timer nor a handle.
        var aside = new CancellationTokenSource();
#pragma warning restore CA2000
        token.UnsafeRegister(
            static source => Task.Factory.StartNew(
                static source => ((CancellationTokenSource)source!).Cancel(), source, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            aside);
        return aside.Token;
    }
}
