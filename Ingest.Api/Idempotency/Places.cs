namespace Ingest.Api.Idempotency;

/// <summary>
/// Bounds how many requests are at work at a time, in all and for each caller, and how long others wait for their turn. A caller waits for a place of their own
/// first, so those who have too many at work wait for themselves and take no place from others.
/// </summary>
internal sealed class Places(int total, int perCaller, TimeSpan timeout, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _all = new(total);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);

    /// <summary>A place, to be disposed of when the work is done; null when none became free in time.</summary>
    public async Task<IDisposable?> TryTakeAsync(string caller, CancellationToken cancellationToken)
    {
        var share = Join(caller);
        var place = new Place(this, caller, share);
        try
        {
            if (await place.TakeAsync(cancellationToken)) return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }

        place.Dispose();
        return null;
    }

    public void Dispose() => _all.Dispose();

    private Share Join(string caller)
    {
        lock (_gate)
        {
            if (!_shares.TryGetValue(caller, out var share)) _shares.Add(caller, share = new(new SemaphoreSlim(perCaller)));
            share.Requests++;
            return share;
        }
    }

    private void Leave(string caller, Share share)
    {
        lock (_gate)
        {
            if (--share.Requests > 0) return;
            _shares.Remove(caller);
        }

        share.Own.Dispose();
    }

    /// <summary>The places of one caller, for as long as any of their requests has or wants one.</summary>
    private sealed class Share(SemaphoreSlim own)
    {
        public SemaphoreSlim Own => own;

        public int Requests { get; set; }
    }

    private sealed class Place(Places places, string caller, Share share) : IDisposable
    {
        private bool _hasOwn;
        private bool _hasShared;

        /// <summary>False when the time was over first.</summary>
        public async Task<bool> TakeAsync(CancellationToken cancellationToken)
        {
            _hasOwn = share.Own.Wait(0, CancellationToken.None);
            _hasShared = _hasOwn && places._all.Wait(0, CancellationToken.None);
            return _hasShared || await WaitAsync(cancellationToken);
        }

        public void Dispose()
        {
            if (_hasShared) places._all.Release();
            if (_hasOwn) share.Own.Release();
            places.Leave(caller, share);
        }

        private async Task<bool> WaitAsync(CancellationToken cancellationToken)
        {
            using var time = new CancellationTokenSource(places.Timeout, places.Clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
            try
            {
                if (!_hasOwn) await share.Own.WaitAsync(limit.Token);
                _hasOwn = true;
                await places._all.WaitAsync(limit.Token);
                return _hasShared = true;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    private TimeSpan Timeout => timeout;

    private TimeProvider Clock => clock;
}
