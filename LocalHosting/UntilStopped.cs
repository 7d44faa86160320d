using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalHosting;

/// <summary>How the AppHost ends.</summary>
public static class UntilStopped
{
    /// <summary>
    /// Runs the application until it is told to stop. Ctrl-C while something is still being started, or waits for what failed, is a
    /// <see cref="TaskCanceledException"/> to Aspire, and a page of its stack on the console: here it is one sentence.
    /// </summary>
    /// <param name="application">Built, and not yet started.</param>
    public static void RunUntilStopped(this DistributedApplication application)
    {
        var stopping = application.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            application.Run();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Console.WriteLine("Stopped before all of it had been started.");
        }
    }
}
