using System.Reflection;

namespace Support;

/// <summary>
/// Runs a service's own Main, to see it refuse its settings. Not by WebApplicationFactory: that asks the host for its services while Main ends
/// and disposes them, and now and then reports ObjectDisposedException in place of the refusal.
/// </summary>
public static class StartUp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What the service throws instead of starting, with its whole text.</summary>
    /// <param name="service">The service's assembly.</param>
    /// <param name="settings">Its settings, and no others: <c>Accept:MaxBatch</c> and its value.</param>
    /// <exception cref="InvalidOperationException">It ended without having refused.</exception>
    /// <exception cref="TimeoutException">It runs.</exception>
    public static async Task<string> RefusalAsync(Assembly service, params (string Name, string? Value)[] settings)
    {
        string[] arguments =
        [
            "--environment=Development", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", "--Logging:LogLevel:Microsoft=None",
            .. settings.Select(setting => $"--{setting.Name}={setting.Value}"),
        ];
        var main = Task.Factory.StartNew(
            () => service.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await main.WaitAsync(Patience);
        }
        catch (Exception exception) when (main.IsFaulted)
        {
            return exception.ToString();
        }

        throw new InvalidOperationException("The service ended without having refused its settings.");
    }
}
