namespace Sandbox.Bank;

/// <summary>
/// Carries transfers out: each waits for its time, gets its result in the books, and is told of by its callbacks. All at once, none waits for
/// another. When the process ends, so does everything under way: the books are gone as well.
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
            var course = transfer.Fate.Course!;
            await Task.Delay(course.Delay, clock, stopping);
            books.Settle(transfer);
            await Task.Delay(course.CallbackDelay, clock, stopping);
            await CallBackAsync(transfer, course.Callbacks, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The bank closes.
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
        if (kind is CallbackKind.Thrice or CallbackKind.Contradicted) await callback.SendAsync(transfer, isContradicted: kind == CallbackKind.Contradicted, stopping);
    }

    [LoggerMessage(12, LogLevel.Error, "Transfer {TransactionId} broke off in a way nobody foresaw")]
    private partial void Broke(Exception exception, long transactionId);
}
