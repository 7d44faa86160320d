namespace Sandbox;

/// <summary>How the bank or Stripe behaves now, which a PUT changes while the sandbox runs.</summary>
internal sealed class CurrentBehaviour<TBehaviour>(TBehaviour first) where TBehaviour : class
{
    private TBehaviour _now = first;

    public TBehaviour Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }
}
