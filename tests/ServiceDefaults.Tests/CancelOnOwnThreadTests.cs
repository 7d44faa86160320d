using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Requests;

namespace ServiceDefaults.Tests;

public class CancelOnOwnThreadTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact(Timeout = 30_000)]
    public async Task Who_cancels_does_not_wait_for_what_that_does_and_it_takes_no_thread_of_the_pool()
    {
        using var source = new CancellationTokenSource();
        using var goOn = new ManualResetEventSlim();
        var isPools = new TaskCompletionSource<bool>();
        await using var registration = source.Token.OnOwnThread().UnsafeRegister(
            _ =>
            {
                goOn.Wait(Cancelled);
                isPools.SetResult(Thread.CurrentThread.IsThreadPoolThread);
            },
            null);

        await source.CancelAsync();
        Assert.False(isPools.Task.IsCompleted);
        goOn.Set();

        Assert.False(await isPools.Task);
    }

    [Fact(Timeout = 30_000)]
    public async Task What_was_cancelled_before_is_cancelled() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, new CancellationToken(canceled: true).OnOwnThread()));

    [Fact(Timeout = 30_000)]
    public async Task A_dependency_that_hangs_and_cannot_even_be_cancelled_holds_no_thread_that_requests_need()
    {
        var clock = new FakeTimeProvider();
        var isPools = new TaskCompletionSource<bool>();
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await TestService.StartAsync(configure: builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Services.AddHealthChecks().AddAsyncCheck("database", async token =>
            {
                // Not disposed of: the delay ends on another thread, which could take the registration away before it was called.
                _ = token.UnsafeRegister(_ => isPools.TrySetResult(Thread.CurrentThread.IsThreadPoolThread), null);
                isAsked.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return HealthCheckResult.Healthy();
            });
        });

        // The time-out runs before the dependency is asked: one that passed by then would find nothing to cancel.
        var asked = service.Http.GetAsync("/health", Cancelled);
        await isAsked.Task;
        clock.Advance(TimeSpan.FromSeconds(2));

        using var response = await asked;
        Assert.False(await isPools.Task);
    }
}
