namespace Processor.Worker.Charges;

/// <summary>Where Stripe is, and how it is asked. Section <c>Stripe</c>.</summary>
internal sealed class StripeOptions
{
    public const string Section = "Stripe";

    /// <summary>The key that the sandbox takes.</summary>
    public const string SandboxKey = "sk_test_sandbox";

    /// <summary>
    /// Stripe's secret key. With it and without <see cref="ApiBase"/> Stripe itself is asked. Without both and without a sandbox, card parts of charges stay
    /// pending.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>Another address than Stripe's own, such as the sandbox's or stripe-mock's.</summary>
    public Uri? ApiBase { get; set; }

    /// <summary>How long one request may take. After that its outcome is unknown, and it is sent again with the same Idempotency-Key.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Retries of a request that Stripe certainly did not take (no connection, 429); then the charge fails, or the refund.</summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>The n-th retry comes after up to 2^n times this, at random (full jitter).</summary>
    public TimeSpan RetryBase { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a retry.</summary>
    public TimeSpan MaxRetryWait { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>How long a payment that Stripe calls <c>processing</c> waits for its webhook before Stripe is asked.</summary>
    public TimeSpan ProcessingWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request waits after 401 or 403, which say that the key is wrong, with 20 % jitter. Such an answer is no try.</summary>
    public TimeSpan MisconfiguredWait { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an Idempotency-Key is sent again. Stripe may forget it after 24 h and would then charge twice; older requests are looked for in Stripe's list.
    /// </summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromHours(23);

    /// <summary>How long a worker's claim lasts: the time for one step, after which another worker may claim it.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests that one worker has under way at a time.</summary>
    public int MaxConcurrency { get; set; } = 64;
}
