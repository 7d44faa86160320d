using System.Text;
using Contracts;
using MimeKit;
using Processor.Worker.Notices;

namespace Processor.Worker.Tests.Notices;

public class NoticeMailTests
{
    private static readonly NoticeOptions Options = new()
    {
        To = "ops@pay.example,oncall@pay.example",
        From = "notices@pay.example",
        PortalUrl = new("https://pay.example"),
    };

    private static readonly ClaimedNotice Notice = new(
        new("019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f"), Try: 1, WebhookEvents.OperationsDeadLetter, "dead_letter:payments:given_up",
        "A record of payments was put aside (given_up): Étoile.", "Redrive it.", "/admin/dlq?topic=payments", Count: 1_204,
        new(2026, 1, 15, 10, 30, 0, DateTimeKind.Utc));

    [Fact]
    public void It_says_what_happened_what_to_do_and_where_to_look()
    {
        using var mail = Sent(Notice);

        Assert.Equal("[AspireWebhooks] Dead letter: payments:given_up", mail.Subject);
        Assert.Equal("notices@pay.example", mail.From.ToString());
        Assert.Equal("ops@pay.example, oncall@pay.example", string.Join(", ", mail.To.Mailboxes.Select(to => to.Address)));
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        string[] lines =
        [
            "A record of payments was put aside (given_up): Étoile.", "What to do: Redrive it.",
            "Look at:    https://pay.example/admin/dlq?topic=payments", "First seen: 2026-01-15 10:30:00 UTC",
            "Seen:       1,204 times so far, this hour", "Cause:      dead_letter:payments:given_up", "Event:      operations.dead_letter",
        ];
        Assert.Empty(lines.Except(Lines(mail)));
    }

    [Fact]
    public void Sent_again_it_is_the_same_mail()
    {
        using var first = Sent(Notice);
        using var second = Sent(Notice with { Try = 2, Count = 7 });

        Assert.Equal("notice-019a6f6044447c3d9e4f0a1b2c3d4e5f@pay.example", first.MessageId);
        Assert.Equal(first.MessageId, second.MessageId);
        Assert.Equal(first.Subject, second.Subject);
    }

    [Theory]
    [InlineData("\r\nBcc: all@pay.example")]
    [InlineData("\nBcc: all@pay.example\n\nLook at: https://evil.example")]
    [InlineData("\u0085Bcc: all@pay.example")]
    [InlineData("\u2028Bcc: all@pay.example\r\n.\r\nMAIL FROM:<a@b>")]
    public void What_a_record_or_an_endpoint_says_adds_no_header_and_no_line(string hostile)
    {
        using var clean = Sent(Notice);
        using var mail = Sent(Notice with { Cause = Notice.Cause + hostile, Detail = hostile, Link = Notice.Link + hostile, WhatToDo = hostile });

        Assert.Equal(clean.Headers.Select(header => header.Field), mail.Headers.Select(header => header.Field));
        Assert.Equal(2, mail.GetRecipients().Count);
        Assert.Equal(Lines(clean).Length, Lines(mail).Length);
        Assert.DoesNotContain(Lines(mail), line => line.StartsWith("Bcc", StringComparison.Ordinal));
    }

    [Fact]
    public void A_subject_has_an_end()
    {
        using var mail = Sent(Notice with { Cause = "worker:" + new string('ä', 5_000) });

        Assert.Equal(200, mail.Subject!.Length);
    }

    [Fact]
    public void Every_type_has_a_title()
    {
        foreach (var type in WebhookEvents.OfOperations)
        {
            using var mail = Sent(Notice with { Type = type, Cause = "ledger" });
            Assert.DoesNotContain("operations.", mail.Subject, StringComparison.Ordinal);
        }
    }

    /// <summary>As it is after its way through SMTP.</summary>
    private static MimeMessage Sent(ClaimedNotice notice)
    {
        using var mail = NoticeMail.Of(notice, Options, new(2026, 1, 15, 10, 31, 0, TimeSpan.Zero));
        using var bytes = new MemoryStream();
        mail.WriteTo(bytes, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("\nBcc:", Encoding.UTF8.GetString(bytes.ToArray()), StringComparison.OrdinalIgnoreCase);
        bytes.Position = 0;
        return MimeMessage.Load(bytes, TestContext.Current.CancellationToken);
    }

    private static string[] Lines(MimeMessage mail) => mail.TextBody!.ReplaceLineEndings("\n").Split('\n');
}
