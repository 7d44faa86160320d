namespace Sandbox.Bank;

/// <summary>
/// Carries out accepted transfers: waits for the delay, records the result and sends the callbacks. All transfers run at the same time. When the
/// process ends, transfers under way end with it; so does the record of them.
/// </summary>
internal sealed partial class CarryOutTransfers(Books books, SendCallback callback, TimeProvider clock, ILogger<CarryOutTransfers> logger) : BackgroundService
{
    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var transfer in books.Taken.ReadAllAsync(stoppingToken)) _ = CarryOutAsync(transfer, stoppingToken);
    }

    private async Task CarryOutAsync(Transfer transfer, CancellationToken stopping)
    {
        try
        {
            var execution = transfer.Plan.Execution!;
            await Task.Delay(execution.Delay, clock, stopping);
            books.Settle(transfer);
            await Task.Delay(execution.CallbackDelay, clock, stopping);
            await CallBackAsync(transfer, execution.Callbacks, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process stops.
        }
        catch (Exception exception)
        {
            Broke(exception, transfer.Request.TransactionId);
        }
    }

    private async Task CallBackAsync(Transfer transfer, CallbackKind kind, CancellationToken stopping)
    {
        if (kind == CallbackKind.None) return;
        var first = callback.SendAsync(transfer, isContradicted: false, stopping);
        if (kind == CallbackKind.Thrice) await Task.WhenAll(first, callback.SendAsync(transfer, isContradicted: false, stopping));
        await first;
        if (kind is CallbackKind.Thrice or CallbackKind.Contradicted)
            await callback.SendAsync(transfer, isContradicted: kind == CallbackKind.Contradicted, stopping);
    }

    [LoggerMessage(12, LogLevel.Error, "Transfer {TransactionId} ended with an unexpected error")]
    private partial void Broke(Exception exception, long transactionId);
}
