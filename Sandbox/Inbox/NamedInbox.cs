using Contracts;
using Sandbox.Inbox.Receiving;

namespace Sandbox.Inbox;

/// <summary>How many deliveries an inbox has had, since it was made or emptied.</summary>
/// <param name="Received">All.</param>
/// <param name="Verified">Those whose signature was valid.</param>
/// <param name="Accepted">Those that were answered 2xx.</param>
/// <param name="Duplicates">Those whose webhook-id had come before.</param>
internal readonly record struct InboxCounts(long Received, long Verified, long Accepted, long Duplicates);

/// <summary>
/// An inbox: the newest deliveries, how many there were, how it answers and what it verifies with. A delivery takes its lock for a microsecond, when its body
/// has been read and verified.
/// </summary>
internal sealed class NamedInbox(string name, InboxBehaviour first, InboxChance chance)
{
    /// <summary>How many deliveries are kept.</summary>
    public const int MaxDeliveries = 1_000;

    /// <summary>How many bytes of bodies and headers are kept: fewer deliveries, if they are large.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<Delivery> _kept = [];
    private readonly AttemptsById _attempts = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private InboxBehaviour _behaviour = first;
    private IReadOnlyList<WebhookSecret> _secrets = [];
    private InboxCounts _counts;
    private long _keptBytes;
    private long _lastUse;

    public string Name => name;

    /// <summary>When it was used last; higher is later.</summary>
    public long LastUse
    {
        get => Volatile.Read(ref _lastUse);
        set => Volatile.Write(ref _lastUse, value);
    }

    /// <summary>What deliveries are verified with.</summary>
    public IReadOnlyList<WebhookSecret> Secrets
    {
        get => Volatile.Read(ref _secrets);
        set => Volatile.Write(ref _secrets, value);
    }

    public InboxBehaviour Behaviour
    {
        get
        {
            lock (_gate) return _behaviour;
        }
    }

    /// <summary>Changes how it behaves, unless that has faults: field -> messages.</summary>
    public (InboxBehaviour Next, IReadOnlyDictionary<string, string[]> Faults) Change(InboxBehaviourChange change)
    {
        lock (_gate)
        {
            var next = change.To(_behaviour);
            var faults = next.Faults().ToDictionary(fault => fault.Field, fault => new[] { fault.Message });
            if (faults.Count == 0) _behaviour = next;
            return (next, faults);
        }
    }

    /// <summary>Keeps a delivery, and decides how it is answered.</summary>
    public (Delivery Delivery, InboxBehaviour Answer) Enter(ReceivedDelivery received)
    {
        UInt128? key = received.Id is { } id ? AttemptsById.KeyOf(id) : null;
        lock (_gate)
        {
            var now = _behaviour;
            var isHit = now.Behaviour != InboxBehaviourName.Normal && chance.Hits(now.Share);
            var answer = isHit ? now : now with { Behaviour = InboxBehaviourName.Normal };
            if (isHit) _behaviour = now.Done();

            var delivery = new Delivery(received, key is { } known ? _attempts.Count(known) : 1, answer.ResponseStatus);
            _counts = new(
                _counts.Received + 1,
                _counts.Verified + (received.Verified == DeliveryVerification.Verified ? 1 : 0),
                _counts.Accepted + (delivery.ResponseStatus is >= 200 and < 300 ? 1 : 0),
                _counts.Duplicates + (delivery.Attempt > 1 ? 1 : 0));
            Keep(delivery);
            while (_waiting.TryPeek(out var arrival, out var after) && _counts.Received > after)
            {
                _waiting.Dequeue();
                arrival.TrySetResult(); // Goes on elsewhere, outside this lock.
            }

            return (delivery, answer);
        }
    }

    /// <summary>What it shows: the deliveries that are kept, the newest first.</summary>
    public (InboxCounts Counts, InboxBehaviour Behaviour, IReadOnlyList<Delivery> Newest) Look()
    {
        lock (_gate) return (_counts, _behaviour, [.. _kept.Reverse()]);
    }

    /// <summary>Waits until more than so many deliveries have been received, or the time is up, or nobody waits any more.</summary>
    /// <param name="after">So many; null: than now.</param>
    /// <param name="patience">The longest wait.</param>
    /// <param name="clock">By which the wait is measured.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(long? after, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        var arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_counts.Received > after) return;
            _waiting.Enqueue(arrival, after ?? _counts.Received);
        }

        await arrival.Task.WaitAsync(patience, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate) _waiting.Remove(arrival, out _, out _);
    }

    /// <summary>Forgets deliveries and counts; what it was told, it keeps.</summary>
    public void Empty()
    {
        lock (_gate)
        {
            _kept.Clear();
            _attempts.Clear();
            (_counts, _keptBytes) = (default, 0);
        }
    }

    private void Keep(Delivery delivery)
    {
        _kept.Enqueue(delivery);
        _keptBytes += delivery.Received.Bytes;
        while (_kept.Count > MaxDeliveries || _keptBytes > MaxBytes) _keptBytes -= _kept.Dequeue().Received.Bytes;
    }
}
