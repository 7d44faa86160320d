using System.Diagnostics.Metrics;
using Contracts;
using Microsoft.Extensions.Options;
using Processor.Worker.Work;

namespace Processor.Worker.Notices;

/// <summary>
/// Mails notices: claimed work that is found by polling (<see cref="PollWork{TClaimed}"/>).
/// Guarantee: a notice is mailed at least once, unless the mail server takes nothing for a day; twice only when the worker died, or PostgreSQL was away, after
/// the server took it, and then with the same Message-ID.
/// <list type="bullet">
/// <item>Dies at any step: the lease ends, and any worker mails it.</item>
/// <item>The mail server is away, or refuses: tried again after 30 s, 1 min, ... 10 min, for a day, and <c>/health/worker</c> says so.</item>
/// <item>It refuses some of the recipients: the others have the mail, which is not sent again.</item>
/// </list>
/// </summary>
internal sealed partial class MailNotices(
    ClaimNotices notices, SendMail send, Problems problems, IOptions<NoticeOptions> options, IMeterFactory meters, Random random, TimeProvider clock,
    ILogger<MailNotices> logger)
{
    private const string Problem = "notices_mail", RecipientProblem = "notices_recipients";

    /// <summary>Shorter than <see cref="Problems.ForgetAfter"/>: while mails fail, that is told all the time.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private readonly Backoff _backoff = Backoff.Exponential(options.Value.MailRetryBase, LongestWait, lowest: 0.8, highest: 1.2);
    private readonly Counter<long> _mails = meters.Create("AspireWebhooks.Notices").CreateCounter<long>(
        "aspirewebhooks.notices.mails", "{mail}", "E-mails of notices, by outcome: sent, failed");
    private readonly ILogger _logger = logger;

    /// <summary>Mails a claimed notice and records what became of it. Throws what the database throws.</summary>
    public async Task RunAsync(ClaimedNotice notice)
    {
        using var mail = NoticeMail.Of(notice, options.Value, clock.GetUtcNow());
        var result = await send.RunAsync(mail);
        _mails.Add(1, new KeyValuePair<string, object?>("outcome", result.Fault is null ? "sent" : "failed"));
        TellRefused(result.Refused);
        if (result.Fault is { } fault)
        {
            var wait = _backoff.After(notice.Try, random);
            NotMailed(notice.Id, wait, fault, StoredText.Clean(result.Answer));
            problems.Report(Problem, $"Notices are not mailed, and wait: {fault}.");
            await notices.RecordRetryAsync(notice, wait);
            return;
        }

        problems.Resolve(Problem);
        await notices.RecordMailedAsync(notice);
    }

    private void TellRefused(IReadOnlyList<string> refused)
    {
        foreach (var recipient in refused) Refused(StoredText.Clean(recipient)!);
        if (refused.Count > 0) problems.Report(RecipientProblem, "The mail server refuses an address of Notices__To; the log says which, and why.");
        else problems.Resolve(RecipientProblem);
    }

    [LoggerMessage(221, LogLevel.Warning, "Notice {NoticeId} could not be mailed and is tried again in {Wait}: {Fault} ({Answer})")]
    private partial void NotMailed(Guid noticeId, TimeSpan wait, string fault, string? answer);

    [LoggerMessage(222, LogLevel.Warning, "The mail server refuses a recipient of Notices__To: {Recipient}")]
    private partial void Refused(string recipient);
}
