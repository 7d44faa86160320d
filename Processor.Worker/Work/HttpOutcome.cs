using ServiceDefaults.Outbound;

namespace Processor.Worker.Work;

/// <summary>What an answer of another system means for the work that it was asked to do.</summary>
internal enum HttpOutcomeKind
{
    /// <summary>2xx: done, or accepted.</summary>
    Done,

    /// <summary>400, 410, 413, 415, 422 and the other 4xx: this piece of work is refused for good.</summary>
    Refused,

    /// <summary>
    /// 3xx, 401, 403, 404, 405, 407: the address or the key in our settings is wrong, which says nothing about this piece of work. It is kept and tried again
    /// slowly, and an operator is told. (Redirects are not followed: a redirected POST becomes a GET.)
    /// </summary>
    Misconfigured,

    /// <summary>408, 409 (a repeat of a request that is still in progress), 425, 429, 5xx: it may succeed later.</summary>
    Retry,
}

/// <summary>An answer of another system, by its status and Retry-After.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="RetryAfter">How long the other side asks to wait, from now on; null for nothing.</param>
internal readonly record struct HttpOutcome(HttpOutcomeKind Kind, int Status, TimeSpan? RetryAfter = null)
{
    /// <summary>
    /// Whether the other side certainly did nothing with the request: 425 (RFC 8470), 429 and 503 are given before a request is processed. Every other status
    /// to be retried may hide that it was.
    /// </summary>
    public bool IsCertainlyNotDone => Kind is HttpOutcomeKind.Refused or HttpOutcomeKind.Misconfigured || Status is 425 or 429 or 503;

    public static HttpOutcome Of(HttpResponseMessage response, DateTimeOffset now) =>
        new(KindOf((int)response.StatusCode), (int)response.StatusCode, response.RetryAfterFrom(now));

    public static HttpOutcomeKind KindOf(int status) => status switch
    {
        >= 200 and < 300 => HttpOutcomeKind.Done,
        401 or 403 or 404 or 405 or 407 or (>= 300 and < 400) => HttpOutcomeKind.Misconfigured,
        408 or 409 or 425 or 429 or >= 500 or < 200 => HttpOutcomeKind.Retry,
        _ => HttpOutcomeKind.Refused,
    };
}
