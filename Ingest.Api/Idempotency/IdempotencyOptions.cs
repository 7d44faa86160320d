namespace Ingest.Api.Idempotency;

/// <summary>What a key is answered with that comes again with another body.</summary>
internal enum MismatchAnswer
{
    /// <summary>422, as Stripe does: the caller has made a mistake, and is told.</summary>
    Refuse,

    /// <summary>The stored answer, as if the body were the same.</summary>
    Replay,
}

/// <summary>How repeated requests are told. Section <c>Idempotency</c>.</summary>
internal sealed class IdempotencyOptions
{
    public const string Section = "Idempotency";

    /// <summary>The same key with another body.</summary>
    public MismatchAnswer OnMismatch { get; set; } = MismatchAnswer.Refuse;

    /// <summary>How long a key is remembered.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a request waits for an earlier one with the same key before it is told 409.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Requests with a key in the database at a time; more wait here. Each holds a connection, and those of one key wait for each other: without
    /// this a caller who sends one key a hundred times would have all the connections there are.
    /// </summary>
    public int MaxConcurrency { get; set; } = 32;
}
