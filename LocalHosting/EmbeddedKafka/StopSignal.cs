using System.Runtime.InteropServices;

namespace LocalHosting.EmbeddedKafka;

/// <summary>The end: SIGTERM, SIGINT, or whoever started us closing our stdin (it does so by dying, too).</summary>
internal static class StopSignal
{
    public static async Task WaitAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await Task.WhenAny(stopped.Task, Console.OpenStandardInput().CopyToAsync(Stream.Null));

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped.TrySetResult();
        }
    }
}
