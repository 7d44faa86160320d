namespace Processor.Worker.Payments;

/// <summary>How payments are carried out. Section <c>Payments</c>.</summary>
internal sealed class PaymentOptions
{
    public const string Section = "Payments";

    /// <summary>How long the bank may take to call back before it is asked.</summary>
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Retries of a payment that the bank did not take; then it is failed, and a dead letter.</summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>The n-th retry comes after up to 2^n times this, at random (full jitter).</summary>
    public TimeSpan RetryBase { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a retry, or before the bank is asked again.</summary>
    public TimeSpan MaxRetryWait { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>How long a worker may take over one step of a payment before another takes it up: the end of its lease.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Payments in hand at a time.</summary>
    public int MaxConcurrency { get; set; } = 64;
}

/// <summary>Where the bank is. Section <c>Bank</c>.</summary>
internal sealed class BankOptions
{
    public const string Section = "Bank";

    /// <summary>The bank's base address. Without it and without a sandbox no payment is carried out: they stay pending.</summary>
    public Uri? Url { get; set; }

    /// <summary>How long one request to the bank may take. What it has done after that, it is asked.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
