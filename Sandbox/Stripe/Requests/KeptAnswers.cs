using System.Security.Cryptography;
using System.Text;

namespace Sandbox.Stripe.Requests;

/// <summary>A request with an Idempotency-Key that was begun.</summary>
/// <param name="Id">The request's id, <c>req_...</c>.</param>
/// <param name="Fingerprint">Of its path and parameters.</param>
/// <param name="At">When it came.</param>
internal sealed record KeptRequest(string Id, byte[] Fingerprint, DateTimeOffset At)
{
    private StripeAnswer? _answer;

    /// <summary>Null while it is in progress.</summary>
    public StripeAnswer? Answer
    {
        get => Volatile.Read(ref _answer);
        set => Volatile.Write(ref _answer, value);
    }

    public bool IsSame(KeptRequest other) => Fingerprint.AsSpan().SequenceEqual(other.Fingerprint);
}

/// <summary>The first answer of every Idempotency-Key, for 24 hours.</summary>
internal sealed class KeptAnswers(TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeptRequest> _byKey = [];
    private readonly Queue<(string Key, KeptRequest Request)> _ages = [];

    /// <summary>Begins a request, or finds the one that has the key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="id">The new request's id.</param>
    /// <param name="path">Its path.</param>
    /// <param name="form">Its parameters.</param>
    /// <returns>The new one and null, or the new one and the one that was there.</returns>
    public (KeptRequest New, KeptRequest? Known) Begin(string key, string id, string path, StripeForm form)
    {
        var now = clock.GetUtcNow();
        var request = new KeptRequest(id, SHA256.HashData(Encoding.UTF8.GetBytes($"{path}?{form.Canonical}")), now);
        lock (_gate)
        {
            Forget(now - Lifetime);
            if (_byKey.TryGetValue(key, out var known)) return (request, known);
            _byKey[key] = request;
            _ages.Enqueue((key, request));
            return (request, null);
        }
    }

    /// <summary>Nothing was tried: the key is free again.</summary>
    public void Release(string key, KeptRequest request)
    {
        lock (_gate) Remove(key, request);
    }

    private void Forget(DateTimeOffset until)
    {
        while (_ages.TryPeek(out var oldest) && oldest.Request.At <= until)
        {
            _ages.Dequeue();
            Remove(oldest.Key, oldest.Request);
        }
    }

    private void Remove(string key, KeptRequest request)
    {
        if (_byKey.TryGetValue(key, out var now) && ReferenceEquals(now, request)) _byKey.Remove(key);
    }
}
