using System.ComponentModel;

namespace Data.Webhooks;

/// <summary>An attempt as callers see it.</summary>
/// <param name="Number">From 1.</param>
/// <param name="SentAt">When it was sent, UTC.</param>
/// <param name="ResponseStatus">The answer's HTTP status; null when there was none.</param>
/// <param name="DurationMs">From the beginning of the request to the end of the answer, or to the failure, in milliseconds.</param>
/// <param name="ErrorMessage">Why it failed, one sentence; null when it did not.</param>
/// <param name="ResponseBody">The first 1 KiB of the answer, as text; null when there was none.</param>
[DisplayName("WebhookAttempt")]
public sealed record AttemptReply(
    [property: Description("From 1; a retry by hand and a replay count on.")] int Number,
    [property: Description("When it was sent, UTC.")] DateTime SentAt,
    [property: Description("The answer's HTTP status; null when there was none.")] int? ResponseStatus,
    [property: Description("From the beginning of the request to the end of the answer, or to the failure, in milliseconds.")] int DurationMs,
    [property: Description("Why it failed, one sentence; null when it did not.")] string? ErrorMessage,
    [property: Description("The first 1,024 bytes of the answer, as text; null when there was none.")] string? ResponseBody)
{
    /// <summary>Shows a row of the table.</summary>
    public static AttemptReply Of(WebhookAttempt row) =>
        new(row.Number, row.SentAt.UtcDateTime, row.ResponseStatus, row.DurationMs, row.ErrorMessage, row.ResponseBody);

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"number":1,"sent_at":"2026-01-15T10:30:05.25Z","response_status":503,"duration_ms":12,"error_message":"The receiver answered 503.",
         "response_body":"upstream connect error"}
        """;
}
