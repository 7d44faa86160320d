namespace Portal.Web.Api;

/// <summary>The outcome of a call to the API: a value or a problem, never both.</summary>
/// <typeparam name="T">What a success carries.</typeparam>
/// <param name="Value">The value; null when the call failed.</param>
/// <param name="Problem">What went wrong; null when the call succeeded.</param>
/// <param name="Fingerprint">A hash of the body of a success, by which a poller sees that nothing changed; null otherwise.</param>
public sealed record ApiResult<T>(T? Value, ApiProblem? Problem, string? Fingerprint = null)
{
    /// <summary>Whether the call succeeded.</summary>
    public bool IsSuccess => Problem is null;

    /// <summary>The cursor of the next page of a list that is a bare array, from the header Link; null on the last page and elsewhere.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>A problem as the API describes it (RFC 9457), or as a failed connection does.</summary>
/// <param name="Status">The HTTP status; 0 when no answer came.</param>
/// <param name="Code">The stable code in <c>error</c>, such as <c>insufficient_balance</c>.</param>
/// <param name="Detail">One sentence that a person can act on.</param>
/// <param name="RequestId">The X-Request-ID to quote; null when no answer came.</param>
public sealed record ApiProblem(int Status, string Code, string Detail, string? RequestId)
{
    /// <summary>Seconds after which to try again; null when the answer does not say.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>With <c>insufficient_balance</c>: what may be withdrawn; a decimal as text.</summary>
    public string? Available { get; init; }

    /// <summary>With <c>insufficient_balance</c>: what was asked for; a decimal as text.</summary>
    public string? Required { get; init; }

    /// <summary>Field -> what is wrong with it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether the credential is not accepted (any more): the way on is to log in.</summary>
    public bool IsSignedOut => Status == StatusCodes.Status401Unauthorized;

    /// <summary>Whether there is no such thing, or it is not the caller's.</summary>
    public bool IsNotFound => Status == StatusCodes.Status404NotFound;

    /// <summary>
    /// Whether a write may have been carried out although it was not answered: no answer, or one that says so. It is then repeated with the same
    /// Idempotency-Key, never with a new one. A 409 is a first try that is still in flight.
    /// </summary>
    public bool IsOutcomeUnknown => Status is 0 or StatusCodes.Status409Conflict or StatusCodes.Status429TooManyRequests or >= 500;

    /// <summary>What is wrong with this field; null when nothing is.</summary>
    public string? Of(string field) => Errors.TryGetValue(field, out var messages) ? string.Join(" ", messages) : null;
}
