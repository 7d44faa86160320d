namespace Processor.Worker.Webhooks;

/// <summary>
/// How outbound webhooks are sent. Section <c>Webhooks</c>; where they may go, and how long one may take, is <c>OutboundOptions</c>' of the same section.
/// </summary>
internal sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>The default of <see cref="RetryWaits"/>: ten attempts within three and a half days.</summary>
    private static readonly TimeSpan[] DefaultWaits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10),
        TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>How long a delivery waits after each attempt that failed; after one more it is failed. Empty for the default.</summary>
    public TimeSpan[] RetryWaits { get; set; } = [];

    /// <summary>The waits, or the default.</summary>
    public IReadOnlyList<TimeSpan> Waits => RetryWaits.Length > 0 ? RetryWaits : DefaultWaits;

    /// <summary>The largest part of a wait that is added to it at random, from 0 to 1: those that failed together do not come back together.</summary>
    public double RetryJitter { get; set; } = 0.2;

    /// <summary>The most webhooks that one worker sends to an endpoint at a time. A slow receiver holds up its own webhooks alone.</summary>
    public int MaxPerEndpoint { get; set; } = 32;

    /// <summary>The most endpoints that one worker serves at a time; each that has something to send is one.</summary>
    public int MaxEndpoints { get; set; } = 1_000;

    /// <summary>How long a claim of a delivery lasts: the time that it may wait for its place, and be sent, and be recorded.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>An endpoint with nothing but failures for so long is disabled.</summary>
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>Between two looks for new events while there are none.</summary>
    public TimeSpan FanOutInterval { get; set; } = TimeSpan.FromMilliseconds(100);
}
