namespace Support.Tests;

public class EventuallyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_until_the_condition_holds_whatever_was_thrown_before()
    {
        var reads = 0;
        var value = await Eventually.GetAsync(
            _ => ++reads == 1 ? throw new IOException("not yet") : Task.FromResult(reads), read => read >= 3, Cancelled);
        Assert.Equal(3, value);
    }

    [Fact]
    public async Task Says_at_the_deadline_what_was_awaited_and_what_was_read_last()
    {
        var late = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.GetAsync(
            _ => Task.FromResult(2), rows => rows == 3, Cancelled, TimeSpan.FromMilliseconds(1)));
        Assert.Contains("rows => rows == 3", late.Message, StringComparison.Ordinal);
        Assert.Contains("Last value: 2", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_that_hangs_ends_at_the_deadline_too() =>
        await Assert.ThrowsAsync<TimeoutException>(() => Eventually.TrueAsync(
            _ => new TaskCompletionSource<bool>().Task, Cancelled, TimeSpan.FromMilliseconds(1)));

    [Fact]
    public async Task A_cancelled_test_is_cancelled_not_late()
    {
        using var stop = new CancellationTokenSource();
        var waiting = Eventually.TrueAsync(_ => Task.FromResult(false), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
