using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Contracts;
using ServiceDefaults.Problems;

namespace Sandbox.Inbox;

/// <summary>
/// The inboxes by their names. There is one for every name that is used, so that a receiver needs no preparation. Beyond <see cref="Max"/> the one that was
/// not used for longest is forgotten, but never <see cref="Default"/>.
/// </summary>
internal sealed partial class Inboxes
{
    /// <summary>How many there are at most.</summary>
    public const int Max = 100;

    /// <summary>The one that <c>POST /sandbox/inbox</c> is for.</summary>
    public const string Default = "default";

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, NamedInbox> _byName = new(StringComparer.Ordinal);
    private readonly InboxBehaviour _first;
    private readonly InboxChance _chance;
    private long _uses;

    /// <param name="first">How a new one behaves.</param>
    /// <param name="secrets">What deliveries to <see cref="Default"/> are signed with, until it is told otherwise.</param>
    /// <param name="chance">Decides which deliveries a behaviour is done to.</param>
    public Inboxes(InboxBehaviour first, IReadOnlyList<WebhookSecret> secrets, InboxChance chance)
    {
        (_first, _chance) = (first, chance);
        _byName[Default] = new(Default, first, chance) { Secrets = secrets };
    }

    /// <summary>All of them, by name.</summary>
    public IEnumerable<NamedInbox> All => _byName.Values.OrderBy(inbox => inbox.Name, StringComparer.Ordinal);

    /// <summary>422: no inbox can have this name.</summary>
    public static Problem NoName => Problem.Invalid(
        "name", "An inbox's name is 1 to 64 letters of A-Z and a-z, digits, dots, hyphens and underscores, such as /sandbox/inbox/orders.");

    /// <summary>The inbox of that name, which is made now if it is new; null when none can have it.</summary>
    public NamedInbox? Find(string name)
    {
        if (!_byName.TryGetValue(name, out var inbox))
        {
            if (!Name().IsMatch(name)) return null;
            lock (_gate) inbox = _byName.GetOrAdd(name, MakeRoom);
        }

        inbox.LastUse = Interlocked.Increment(ref _uses);
        return inbox;
    }

    private NamedInbox MakeRoom(string name)
    {
        if (_byName.Count >= Max) _byName.TryRemove(_byName.Values.Where(inbox => inbox.Name != Default).MinBy(inbox => inbox.LastUse)!.Name, out _);
        return new(name, _first, _chance);
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

/// <summary>Decisions from one source of random numbers: one seed gives one sequence.</summary>
internal sealed class InboxChance(Random random)
{
    private readonly Lock _gate = new();

    /// <summary>Whether a delivery is among those that a behaviour is done to.</summary>
    /// <param name="share">The part of them, 0 to 1.</param>
    public bool Hits(double share)
    {
        if (share >= 1) return true;
        lock (_gate) return random.NextDouble() < share;
    }
}
