using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Sandbox.Inbox;

/// <summary>
/// How often each webhook-id came, of the newest <paramref name="max"/> ids. Ids are kept as 128 bits of their SHA-256: 60 bytes of memory each, however
/// long they are. For one thread at a time.
/// </summary>
internal sealed class AttemptsById(int max = AttemptsById.MaxIds)
{
    /// <summary>30 MB; what comes again after so many others counts as new.</summary>
    public const int MaxIds = 500_000;

    private readonly Dictionary<UInt128, int> _attempts = [];
    private readonly Queue<UInt128> _ages = [];

    /// <summary>What an id is kept as. Computed by whoever calls, before it takes a lock.</summary>
    public static UInt128 KeyOf(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>Counts one more; returns how many it is now.</summary>
    public int Count(UInt128 key)
    {
        ref var attempts = ref CollectionsMarshal.GetValueRefOrAddDefault(_attempts, key, out var isKnown);
        var count = ++attempts;
        if (isKnown) return count;
        _ages.Enqueue(key);
        if (_ages.Count > max) _attempts.Remove(_ages.Dequeue());
        return count;
    }

    public void Clear()
    {
        _attempts.Clear();
        _ages.Clear();
    }
}
