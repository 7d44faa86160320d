namespace Sandbox.Stripe.Requests;

/// <summary>Ids and decisions, from one source of random numbers: one seed gives one sequence.</summary>
internal sealed class StripeChance(Random random)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int IdLength = 24;

    private readonly Lock _gate = new();

    /// <summary>A new id: the prefix and 24 letters and digits.</summary>
    public string Id(string prefix)
    {
        Span<char> id = stackalloc char[IdLength];
        lock (_gate) random.GetItems(Alphabet, id);
        return string.Concat(prefix, id);
    }

    /// <summary>Whether a request is among those that a behaviour hits.</summary>
    /// <param name="share">The part of them, 0 to 1.</param>
    public bool Hits(double share)
    {
        lock (_gate) return random.NextDouble() < share;
    }
}
