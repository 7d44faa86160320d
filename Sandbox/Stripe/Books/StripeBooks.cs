using System.Collections.Concurrent;
using Sandbox.Stripe.Intents;
using Sandbox.Stripe.Refunds;

namespace Sandbox.Stripe.Books;

/// <summary>An intent in the books.</summary>
internal sealed class IntentEntry(PaymentIntent first, TestCard? card)
{
    private PaymentIntent _now = first;

    /// <summary>Held while the intent or its refunds change, and never over I/O.</summary>
    public Lock Gate { get; } = new();

    public PaymentIntent Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }

    /// <summary>The card, when it is known.</summary>
    public TestCard? Card { get; } = card;

    /// <summary>The sum of the refunds that have succeeded, in minor units.</summary>
    public long Refunded { get; set; }

    /// <summary>The sum of those that have not failed.</summary>
    public long Promised { get; set; }
}

/// <summary>A refund in the books.</summary>
internal sealed class RefundEntry(Refund first)
{
    private Refund _now = first;

    public Refund Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }
}

/// <summary>All intents and refunds, in memory for the life of the process.</summary>
internal sealed class StripeBooks
{
    public Shelf<IntentEntry> Intents { get; } = new();

    public Shelf<RefundEntry> Refunds { get; } = new();
}

/// <summary>Things by id and in the order in which they came.</summary>
internal sealed class Shelf<T> where T : class
{
    private readonly Lock _gate = new();
    private readonly List<T> _ordered = [];
    private readonly ConcurrentDictionary<string, (T Entry, int Position)> _byId = [];

    public void Add(string id, T entry)
    {
        lock (_gate)
        {
            _byId[id] = (entry, _ordered.Count);
            _ordered.Add(entry);
        }
    }

    public T? Find(string id) => _byId.TryGetValue(id, out var found) ? found.Entry : null;

    /// <summary>The newest first: those that match, at most so many, and whether there are more.</summary>
    /// <param name="before">The id of the one after which the page begins; one that is there, or null for the newest.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="matches">Which.</param>
    public (List<T> Page, bool HasMore) List(string? before, int limit, Func<T, bool> matches)
    {
        var page = new List<T>();
        lock (_gate)
        {
            for (var i = (before is null ? _ordered.Count : _byId[before].Position) - 1; i >= 0; i--)
            {
                if (!matches(_ordered[i])) continue;
                if (page.Count == limit) return (page, true);
                page.Add(_ordered[i]);
            }
        }

        return (page, false);
    }

    /// <summary>All of now, the oldest first.</summary>
    public T[] All()
    {
        lock (_gate) return [.. _ordered];
    }
}
