using System.Globalization;
using System.Text;
using Contracts;
using MimeKit;

namespace Processor.Worker.Notices;

/// <summary>A notice as an e-mail: plain text, which every reader shows.</summary>
internal static class NoticeMail
{
    /// <summary>RFC 5322 wants a line of a header shorter than 998 characters; a subject that is longer than this nobody reads.</summary>
    private const int MaxSubject = 200;

    /// <summary>
    /// Writes it. An attempt whose outcome is unknown is repeated with the same Message-ID, by which mail systems know a mail that they have.
    /// </summary>
    /// <param name="notice">The notice, as it was claimed.</param>
    /// <param name="options">Who gets it, and where its link leads.</param>
    /// <param name="now">Its date.</param>
    public static MimeMessage Of(ClaimedNotice notice, NoticeOptions options, DateTimeOffset now)
    {
        var from = options.ReadFrom();
        var mail = new MimeMessage
        {
            Subject = SubjectOf(notice),
            MessageId = $"notice-{notice.Id:N}@{from.Domain}",
            Date = now,
            Body = new TextPart("plain") { Text = TextOf(notice, options) },
        };
        mail.From.Add(from);
        mail.To.AddRange(options.ReadTo());
        mail.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: nobody's absence answers it.
        return mail;
    }

    /// <summary>The same text for the same cause, so that mail programs put what belongs together into one thread.</summary>
    private static string SubjectOf(ClaimedNotice notice)
    {
        var about = notice.Cause.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? $": {notice.Cause[(colon + 1)..]}" : "";
        return StoredText.Clean(OneLine($"[AspireWebhooks] {TitleOf(notice.Type)}{about}"), MaxSubject)!;
    }

    private static string TitleOf(string type) => type switch
    {
        WebhookEvents.OperationsEndpointDisabled => "Endpoint disabled",
        WebhookEvents.OperationsDeadLetter => "Dead letter",
        WebhookEvents.OperationsLedgerDifference => "Ledger difference",
        WebhookEvents.OperationsWorkerLost => "Worker lost",
        WebhookEvents.OperationsWorkOverdue => "Work overdue",
        _ => type,
    };

    private static string TextOf(ClaimedNotice notice, NoticeOptions options) => string.Join('\n',
        OneLine(notice.Detail),
        "",
        $"What to do: {OneLine(notice.WhatToDo)}",
        $"Look at:    {options.LinkTo(OneLine(notice.Link))}",
        "",
        string.Create(CultureInfo.InvariantCulture, $"First seen: {notice.FirstSeenAt:yyyy-MM-dd HH:mm:ss} UTC"),
        string.Create(CultureInfo.InvariantCulture, $"Seen:       {notice.Count:#,0} times so far, this hour"),
        $"Cause:      {OneLine(notice.Cause)}",
        $"Event:      {notice.Type}",
        "",
        "There is one mail a cause and hour. Who gets it is the setting Notices__To.",
        "");

    /// <summary>What comes from a record or an endpoint adds no line: neither a header, nor one that looks like ours.</summary>
    private static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var one in text) line.Append(char.IsControl(one) || one is '\u2028' or '\u2029' ? ' ' : one);
        return line.ToString();
    }
}
