namespace Processor.Worker.Payments;

/// <summary>How payments are carried out. Section <c>Payments</c>.</summary>
internal sealed class PaymentOptions
{
    public const string Section = "Payments";

    /// <summary>How long the bank may take to call back before it is asked.</summary>
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Retries of a payment that the bank did not accept; then it is failed, and a dead letter.</summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>The n-th retry comes after up to 2^n times this, at random (full jitter).</summary>
    public TimeSpan RetryBase { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a retry, or before the bank is asked again.</summary>
    public TimeSpan MaxRetryWait { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>
    /// How long a payment waits after the bank answered 3xx, 401, 403, 404, 405 or 407 to a call, which says that Bank__Url or the key is wrong, with 20 %
    /// jitter. Such an answer is no attempt.
    /// </summary>
    public TimeSpan MisconfiguredWait { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a worker's claim of a payment lasts: the time for one step, after which another worker may claim it.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Payments that one worker carries out at a time.</summary>
    public int MaxConcurrency { get; set; } = 64;
}

/// <summary>Where the bank is. Section <c>Bank</c>.</summary>
internal sealed class BankOptions
{
    public const string Section = "Bank";

    /// <summary>The bank's base address. Without it and without a sandbox payments are not carried out and stay pending.</summary>
    public Uri? Url { get; set; }

    /// <summary>How long one request to the bank may take. After that it is asked for the payment's state.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
