using Microsoft.Extensions.Options;
using Processor.Worker.Retention;
using Processor.Worker.Work;

namespace Processor.Worker.Notices;

/// <summary>
/// Notices to operators. They are raised where something happens (<see cref="Data.Notices.RaiseNotice"/>) and by <see cref="WatchWork"/>; outbound webhooks
/// carry their events, and <see cref="MailNotices"/> mails them where <c>Notices__To</c> says to whom.
/// </summary>
internal static class NoticesFeature
{
    /// <summary>Mails of one worker at a time: there are few, and a mail server is asked for little.</summary>
    private const int MaxMails = 1;

    private const string Old =
        """
        DELETE FROM notices WHERE id = ANY (ARRAY(
            SELECT id FROM notices WHERE first_seen_at < now() - $2 ORDER BY first_seen_at LIMIT $1 FOR UPDATE SKIP LOCKED))
        """;

    /// <summary>Twice as long as a mail may take: it is recorded in it too.</summary>
    private static readonly TimeSpan Lease = SendMail.Timeout * 2, CleanUpInterval = TimeSpan.FromHours(1);

    public static void AddNotices(this WebApplicationBuilder builder)
    {
        builder.AddNoticeOptions();
        builder.Services.AddHostedService<WatchWork>();
        builder.Services.AddForgetting(services => new(
            "old notices", CleanUpInterval, Old, services.GetRequiredService<IOptions<NoticeOptions>>().Value.Retention));
        if (!string.IsNullOrWhiteSpace(builder.Configuration[$"{NoticeOptions.Section}:{nameof(NoticeOptions.To)}"])) AddMails(builder.Services);
    }

    /// <summary>Adds <see cref="NoticeOptions"/>, validated at start.</summary>
    public static void AddNoticeOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<NoticeOptions>().BindConfiguration(NoticeOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<NoticeOptions>, Validation>();
    }

    private static void AddMails(IServiceCollection services)
    {
        services.AddSingleton<ClaimNotices>();
        services.AddSingleton<SendMail>();
        services.AddSingleton<MailNotices>();
        services.AddSingleton(provider =>
        {
            var (claim, mail) = (provider.GetRequiredService<ClaimNotices>(), provider.GetRequiredService<MailNotices>());
            var interval = provider.GetRequiredService<IOptions<NoticeOptions>>().Value.MailInterval;
            return new PollRules<ClaimedNotice>("notices", interval, MaxMails, Lease, claim.RunAsync, notice => $"{notice.Id}", mail.RunAsync);
        });
        services.AddHostedService<PollWork<ClaimedNotice>>();
    }

    private sealed class Validation : IValidateOptions<NoticeOptions>
    {
        public ValidateOptionsResult Validate(string? name, NoticeOptions options) =>
            options.Faults().ToArray() is { Length: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
