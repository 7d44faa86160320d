using Portal.Web.Api;

namespace Portal.Web.Live;

/// <summary>One topic of <see cref="LiveTopics"/>: its state, those who are told of it, and when it is over.</summary>
internal sealed class LiveTopic<T>(
    LiveSource<T> source, TimeProvider clock, TimeSpan interval, TimeSpan linger, SemaphoreSlim reads, Action<Exception> failed) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Action<Live<T>>> _subscribers = [];
    private readonly TaskCompletionSource<Live<T>> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _wake = new(0);
    private Live<T>? _state;
    private string? _fingerprint;
    private long _lastUsed = clock.GetTimestamp();
    private TimeSpan _lastRead, _readBefore;

    /// <summary>The state; the first one as soon as it is there.</summary>
    public Task<Live<T>> FirstAsync
    {
        get
        {
            lock (_lock) return _state is { } state ? Task.FromResult(state) : _first.Task;
        }
    }

    /// <summary>Whether nobody shows it any more.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock) return _subscribers.Count == 0 && clock.GetElapsedTime(_lastUsed) >= linger;
        }
    }

    /// <summary>Notes that somebody asks for it.</summary>
    public LiveTopic<T> Touch()
    {
        lock (_lock) _lastUsed = clock.GetTimestamp();
        return this;
    }

    /// <summary>Tells of every change, of the state that is there too.</summary>
    public IDisposable Add(Action<Live<T>> changed)
    {
        Live<T>? state;
        lock (_lock)
        {
            _subscribers.Add(changed);
            state = _state;
        }

        if (state is not null) changed(state);
        return new Subscription(this, changed);
    }

    /// <summary>Ends the present wait.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0) _wake.Release();
    }

    /// <summary>Waits until it is to be read again, or until woken.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var woken = _wake.WaitAsync(waiting.Token);
        await Task.WhenAny(woken, Task.Delay(Pause, clock, waiting.Token));
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Reads the source and tells those who show it, when something changed.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await reads.WaitAsync(cancellationToken);
        var began = clock.GetTimestamp();
        ApiResult<T> result;
        try
        {
            result = await source.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A fault of ours: the pages say so, and the next read may go well. Without this they would wait for ever.
            failed(exception);
            result = new(default, new(0, "portal_error", "The portal could not show this. Its log says why.", RequestId: null));
        }
        finally
        {
            reads.Release();
        }

        Action<Live<T>>[] told;
        Live<T> state;
        lock (_lock)
        {
            var isSame = _state is not null && result.Problem == _state.Problem && (result.Problem is not null || result.Fingerprint == _fingerprint);
            state = result.IsSuccess
                ? new(result.Value, null, clock.GetUtcNow()) { NextCursor = result.NextCursor }
                : new(_state is null ? default : _state.Value, result.Problem, _state?.ReadAt ?? clock.GetUtcNow()) { NextCursor = _state?.NextCursor };
            _state = state;
            (_readBefore, _lastRead) = (_lastRead, result.IsSuccess ? clock.GetElapsedTime(began) : TimeSpan.Zero);
            if (result.IsSuccess) _fingerprint = result.Fingerprint;
            told = isSame ? [] : [.. _subscribers];
        }

        _first.TrySetResult(state);
        foreach (var changed in told) changed(state);
    }

    public void Dispose() => _wake.Dispose();

    // The interval, unless that would be too much for the machine: then its pages are drawn more rarely, and webhooks keep their processors. A read is slow
    // when the one before was so too: the first after a start compiles, and one that failed waited for its time-out.
    private TimeSpan Pause
    {
        get
        {
            lock (_lock)
            {
                var forDrawing = TimeSpan.FromSeconds((double)_subscribers.Count / LiveTopics.MaxRendersPerSecond).Ticks;
                var forReading = Math.Min(_lastRead.Ticks, _readBefore.Ticks) * LiveTopics.ReadShare;
                var pause = Math.Min(Math.Max(forDrawing, forReading), LiveTopics.MaxPause.Ticks);
                return TimeSpan.FromTicks(Math.Max(pause, interval.Ticks)); // The interval may be longer than MaxPause: never more often than it says.
            }
        }
    }

    private void Remove(Action<Live<T>> changed)
    {
        lock (_lock)
        {
            _subscribers.Remove(changed);
            _lastUsed = clock.GetTimestamp();
        }
    }

    private sealed class Subscription(LiveTopic<T> topic, Action<Live<T>> changed) : IDisposable
    {
        private bool _isDisposed;

        public void Dispose()
        {
            if (!_isDisposed) topic.Remove(changed);
            _isDisposed = true;
        }
    }
}
