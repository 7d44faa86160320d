using System.Collections.Concurrent;
using System.Diagnostics;

namespace LocalHosting.Processes;

/// <summary>
/// The one thread that starts every child. Linux sends a child's parent-death signal when the THREAD that forked it ends, not the process:
/// started from the thread pool, a server would be killed whenever the pool retires that thread. So this one lives until the last child is gone.
/// </summary>
internal sealed class StartingThread : IDisposable
{
    private readonly BlockingCollection<Action> _orders = [];

    public StartingThread() => new Thread(Work) { IsBackground = true, Name = "starts children" }.Start();

    public Task<Process> StartAsync(ProcessStartInfo what)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(what)!);
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    /// <summary>Ends the thread, and with it every child still there.</summary>
    public void Dispose() => _orders.CompleteAdding();

    private void Work()
    {
        foreach (var order in _orders.GetConsumingEnumerable())
            order();
    }
}
