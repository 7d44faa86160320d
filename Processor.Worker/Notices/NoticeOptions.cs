using MimeKit;

namespace Processor.Worker.Notices;

/// <summary>Notices to operators, and their e-mail. Section <c>Notices</c>.</summary>
internal sealed class NoticeOptions
{
    public const string Section = "Notices";

    /// <summary>Where people reach the front door, an absolute http or https URL: what the links of notices begin with.</summary>
    public Uri PortalUrl { get; set; } = new("http://localhost:8000");

    /// <summary>Work of a table whose oldest due row has been due for longer than this is overdue.</summary>
    public TimeSpan OverdueAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Who gets notices by e-mail: addresses, separated by commas. Without one nothing is mailed.</summary>
    public string? To { get; set; }

    /// <summary>The address that the e-mails come from.</summary>
    public string? From { get; set; }

    /// <summary>The mail server.</summary>
    public SmtpOptions Smtp { get; set; } = new();

    /// <summary>Between two looks for notices that are to be mailed.</summary>
    public TimeSpan MailInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The wait before an e-mail is sent again, which doubles with each attempt up to 10 minutes.</summary>
    public TimeSpan MailRetryBase { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For how long notices are kept.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Whether notices are mailed.</summary>
    public bool IsMailed => !string.IsNullOrWhiteSpace(To);

    /// <summary><see cref="From"/>, read. Valid: the others stop the worker at start.</summary>
    internal MailboxAddress ReadFrom() => AddressesOf(From)![0];

    /// <summary><see cref="To"/>, read.</summary>
    internal IReadOnlyList<MailboxAddress> ReadTo() => AddressesOf(To)!;

    /// <summary>Where a path of the front door is for people.</summary>
    /// <param name="path">From <c>/</c> on, with its query.</param>
    public string LinkTo(string path) => PortalUrl.AbsoluteUri.TrimEnd('/') + path;

    /// <summary>What is invalid, with each setting's name; empty when all are valid.</summary>
    internal IEnumerable<string> Faults()
    {
        if (PortalUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "" })
            yield return "Notices__PortalUrl must be an absolute http or https URL without a query, such as https://pay.example.com.";
        if (OverdueAfter < TimeSpan.FromSeconds(10) || OverdueAfter > TimeSpan.FromDays(1))
            yield return "Notices__OverdueAfter must be between 00:00:10 and 1.00:00:00.";
        if (MailInterval < TimeSpan.FromMilliseconds(1) || MailInterval > TimeSpan.FromHours(1))
            yield return "Notices__MailInterval must be between 00:00:00.001 and 01:00:00.";
        if (MailRetryBase < TimeSpan.FromMilliseconds(1) || MailRetryBase > TimeSpan.FromMinutes(10))
            yield return "Notices__MailRetryBase must be between 00:00:00.001 and 00:10:00.";
        if (Retention < TimeSpan.FromDays(1) || Retention > TimeSpan.FromDays(3650))
            yield return "Notices__Retention must be between 1.00:00:00 and 3650.00:00:00.";
        foreach (var fault in MailFaults()) yield return fault;
    }

    private IEnumerable<string> MailFaults()
    {
        var isServerSet = !string.IsNullOrWhiteSpace(Smtp.Host);
        if (!IsMailed)
        {
            if (isServerSet) yield return "Notices__To is missing: Notices__Smtp__Host is set, so say who gets notices by e-mail, or take it out.";
            yield break;
        }

        if (AddressesOf(To) is null) yield return "Notices__To must be e-mail addresses, separated by commas, such as ops@example.com,oncall@example.com.";
        if (AddressesOf(From) is not [_]) yield return "Notices__From must be one e-mail address, such as notices@example.com: Notices__To is set.";
        if (!isServerSet) yield return "Notices__Smtp__Host must be the mail server's name or address: Notices__To is set.";
        foreach (var fault in Smtp.Faults()) yield return fault;
    }

    /// <summary>Reads addresses; null when a part is none, or has no domain. In more than one line they would be read as a header.</summary>
    private static IReadOnlyList<MailboxAddress>? AddressesOf(string? text)
    {
        if (text is null || text.Any(char.IsControl) || !InternetAddressList.TryParse(text, out var list)) return null;
        MailboxAddress[] addresses = [.. list.Mailboxes];
        return addresses.Length > 0 && addresses.All(address => address.LocalPart.Length > 0 && !string.IsNullOrEmpty(address.Domain)) ? addresses : null;
    }
}
