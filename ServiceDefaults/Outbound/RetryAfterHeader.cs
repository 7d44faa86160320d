namespace ServiceDefaults.Outbound;

/// <summary>The header Retry-After (RFC 9110, section 10.2.3) of another system's answer.</summary>
public static class RetryAfterHeader
{
    /// <summary>How long it asks to wait, from now on; null for nothing, and for a time that is over. It may be years.</summary>
    public static TimeSpan? RetryAfterFrom(this HttpResponseMessage response, DateTimeOffset now)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? header?.Date - now;
        return wait > TimeSpan.Zero ? wait : null;
    }
}
