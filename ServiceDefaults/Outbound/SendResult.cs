namespace ServiceDefaults.Outbound;

/// <summary>Why a webhook had no whole answer.</summary>
public enum SendFailureKind
{
    /// <summary>The request was not sent: one of its headers has a line break or another control character.</summary>
    InvalidRequest,

    /// <summary>The address that the URL leads to is refused. Nothing was sent.</summary>
    AddressRefused,

    /// <summary>DNS has no address for the name, or did not say. Nothing was sent.</summary>
    NameNotResolved,

    /// <summary>No connection: refused, no route, or no answer to it. Nothing was sent.</summary>
    NotConnected,

    /// <summary>TLS was not agreed on, or the certificate was refused. Nothing was sent.</summary>
    Tls,

    /// <summary>No headers within the time limit. The receiver may have the webhook.</summary>
    NoAnswer,

    /// <summary>The headers came, and the body did not end within the time limit. The receiver has the webhook.</summary>
    BodyWithoutEnd,

    /// <summary>The connection ended before the answer did. The receiver may have the webhook.</summary>
    ConnectionClosed,

    /// <summary>The answer is not HTTP, or its headers are too large. The receiver may have the webhook.</summary>
    InvalidAnswer,
}

/// <summary>Why a webhook had no whole answer.</summary>
/// <param name="Kind">For metrics and decisions.</param>
/// <param name="Words">For people, such as <c>no answer within 15 s</c>. It has no secrets: no path, query or header's value.</param>
public sealed record SendFailure(SendFailureKind Kind, string Words);

/// <summary>What became of one webhook that was sent.</summary>
public sealed record SendResult
{
    /// <summary>The answer's HTTP status; null when no headers came. It may stand beside a <see cref="Failure"/>, when the body was not whole.</summary>
    public int? Status { get; init; }

    /// <summary>From the beginning, connecting included, to the answer's end or the failure.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>
    /// The first 1 KiB of the body, without control characters but tab and line feed; null when no headers came. It is the receiver's text: escape it.
    /// </summary>
    public string? Body { get; init; }

    /// <summary>Whether the body goes on after <see cref="Body"/>; the rest was not read.</summary>
    public bool IsBodyCut { get; init; }

    /// <summary>How long the answer's Retry-After asks to wait, from now on; null for nothing. It may be years.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The header <c>webhook-delivery</c>; with <c>disable</c> a receiver asks for no more. Null without it. At most 100 characters.</summary>
    public string? WebhookDelivery { get; init; }

    /// <summary>Why there is no whole answer; null when there is one, whatever its status.</summary>
    public SendFailure? Failure { get; init; }

    /// <summary>Whether the receiver has taken it: a whole answer, 2xx.</summary>
    public bool IsDelivered => Failure is null && Status is >= 200 and < 300;
}
