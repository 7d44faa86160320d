using System.Runtime.InteropServices;

namespace LocalHosting.EmbeddedKafka;

/// <summary>The end: SIGTERM or SIGINT; with ENDS_WITH_STDIN also the end of standard input, which comes when the process at its other end dies.</summary>
internal static class StopSignal
{
    /// <summary>Its clients are asked to stop at the same moment: so long they have to give their partitions back.</summary>
    private static readonly TimeSpan ForClients = TimeSpan.FromSeconds(2);

    public static async Task WaitAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var input = Environment.GetEnvironmentVariable("ENDS_WITH_STDIN") is null
            ? Task.Delay(Timeout.Infinite)
            : Console.OpenStandardInput().CopyToAsync(Stream.Null);
        if (await Task.WhenAny(stopped.Task, input) == stopped.Task) await Task.Delay(ForClients);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped.TrySetResult();
        }
    }
}
