namespace Processor.Worker.Webhooks;

/// <summary>
/// An endpoint's turn in this worker: while it lasts, its deliveries are sent as they fall due, and whoever knows of new ones wakes it.
/// </summary>
/// <param name="endpointId">The endpoint.</param>
internal sealed class EndpointTurn(Guid endpointId) : IDisposable
{
    private readonly SemaphoreSlim _woken = new(0, 1);

    /// <summary>The endpoint.</summary>
    public Guid EndpointId => endpointId;

    /// <summary>Whether the endpoint is to get no more.</summary>
    public bool IsOver { get; set; }

    /// <summary>There is something to send, or there may be.</summary>
    public void Wake()
    {
        lock (_woken)
        {
            if (_woken.CurrentCount == 0) _woken.Release();
        }
    }

    /// <summary>Whether it was woken, at once or within so long.</summary>
    public Task<bool> WaitAsync(TimeSpan linger, CancellationToken cancellationToken) => _woken.WaitAsync(linger, cancellationToken);

    public void Dispose() => _woken.Dispose();
}

/// <summary>The endpoints that this worker serves at present, each once: two turns of one endpoint would send more at a time than it is allowed.</summary>
internal sealed class EndpointTurns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, EndpointTurn> _turns = [];

    /// <summary>Wakes the endpoint's turn. False when there is none.</summary>
    public bool TryWake(Guid endpointId)
    {
        lock (_lock)
        {
            if (!_turns.TryGetValue(endpointId, out var turn)) return false;
            turn.Wake();
            return true;
        }
    }

    /// <summary>Begins a turn; null, and the present one is woken, when there is one.</summary>
    public EndpointTurn? TryBegin(Guid endpointId)
    {
        lock (_lock)
        {
            if (_turns.TryGetValue(endpointId, out var present))
            {
                present.Wake();
                return null;
            }

            var turn = new EndpointTurn(endpointId);
            _turns.Add(endpointId, turn);
            return turn;
        }
    }

    /// <summary>Ends the turn, unless it was woken a moment ago and <paramref name="isFinal"/> is false: then it has to look once more.</summary>
    public bool TryEnd(EndpointTurn turn, bool isFinal)
    {
        lock (_lock)
        {
            if (!isFinal && turn.WaitAsync(TimeSpan.Zero, CancellationToken.None).Result) return false;
            _turns.Remove(turn.EndpointId);
        }

        turn.Dispose();
        return true;
    }
}
