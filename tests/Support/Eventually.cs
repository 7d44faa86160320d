using System.Runtime.CompilerServices;

namespace Support;

/// <summary>
/// Waits for something that gives no signal: a row another process writes, a port that opens. Where a signal can be awaited, await that.
/// </summary>
public static class Eventually
{
    /// <summary>Reads until <paramref name="holds"/> says yes, and gives back what was read then.</summary>
    /// <param name="read">Reads the value anew. What it throws counts as "not yet"; the last exception is shown when time is up.</param>
    /// <param name="holds">Whether the value is the one awaited.</param>
    /// <param name="deadline">How long to go on; 60 s by default, long enough for a machine with other work to do.</param>
    /// <param name="cancellationToken">The test's.</param>
    /// <param name="condition">Filled in by the compiler: the text of <paramref name="holds"/>.</param>
    /// <exception cref="TimeoutException">The deadline has passed; the message shows the condition and the last value.</exception>
    public static async Task<T> GetAsync<T>(
        Func<CancellationToken, Task<T>> read,
        Func<T, bool> holds,
        CancellationToken cancellationToken,
        TimeSpan? deadline = null,
        [CallerArgumentExpression(nameof(holds))] string condition = "")
    {
        var limit = deadline ?? TimeSpan.FromSeconds(60);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(limit);
        var last = "nothing was read";
        Exception? failure = null;
        while (true)
        {
            try
            {
                var value = await read(time.Token).WaitAsync(time.Token);
                if (holds(value)) return value;
                (last, failure) = ($"{value}", null);
            }
            catch (Exception exception) when (!time.IsCancellationRequested)
            {
                (last, failure) = ($"{exception.GetType().Name}: {exception.Message}", exception);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw NotInTime();
            }

            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), time.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw NotInTime();
            }
        }

        TimeoutException NotInTime() => new($"Not within {limit.TotalSeconds:0.###} s: {condition}. Last value: {last}", failure);
    }

    /// <summary>Waits until <paramref name="holds"/> is true; see <see cref="GetAsync"/>.</summary>
    public static Task TrueAsync(
        Func<CancellationToken, Task<bool>> holds,
        CancellationToken cancellationToken,
        TimeSpan? deadline = null,
        [CallerArgumentExpression(nameof(holds))] string condition = "") =>
        GetAsync(holds, value => value, cancellationToken, deadline, condition);
}
