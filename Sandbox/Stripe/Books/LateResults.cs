namespace Sandbox.Stripe.Books;

/// <summary>Has things happen later. When the process ends, so do those that wait.</summary>
internal sealed partial class LateResults(TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<LateResults> logger)
{
    private readonly ILogger _logger = logger;

    public void After(TimeSpan delay, Action change) => _ = ChangeAsync(delay, change);

    private async Task ChangeAsync(TimeSpan delay, Action change)
    {
        try
        {
            await Task.Delay(delay, clock, lifetime.ApplicationStopping);
            change();
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The process stops.
        }
        catch (Exception exception)
        {
            Broke(exception);
        }
    }

    [LoggerMessage(22, LogLevel.Error, "A late result ended with an unexpected error")]
    private partial void Broke(Exception exception);
}
