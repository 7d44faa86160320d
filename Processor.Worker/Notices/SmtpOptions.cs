using System.Net;

namespace Processor.Worker.Notices;

/// <summary>The mail server that takes notices. Section <c>Notices:Smtp</c>.</summary>
internal sealed class SmtpOptions
{
    public const string Section = "Notices:Smtp";

    /// <summary>Its name or address.</summary>
    public string? Host { get; set; }

    /// <summary>Its port; by default 587 with starttls, 465 with tls and 25 with none.</summary>
    public int? Port { get; set; }

    /// <summary>Who we are there; null where the server asks nobody.</summary>
    public string? User { get; set; }

    /// <summary>The user's password. Never logged.</summary>
    public string? Password { get; set; }

    /// <summary>One of <see cref="SmtpTls"/>.</summary>
    public string Tls { get; set; } = SmtpTls.StartTls;

    /// <summary><see cref="Port"/>, or the one that belongs to <see cref="Tls"/>.</summary>
    internal int PortOrDefault => Port ?? Tls switch
    {
        SmtpTls.Tls => 465,
        SmtpTls.StartTls => 587,
        _ => 25,
    };

    internal IEnumerable<string> Faults()
    {
        if (Port is < 1 or > 65535) yield return "Notices__Smtp__Port must be between 1 and 65535.";
        if (!SmtpTls.All.Contains(Tls)) yield return $"Notices__Smtp__Tls must be one of {string.Join(", ", SmtpTls.All)}.";
        if (string.IsNullOrEmpty(User) != string.IsNullOrEmpty(Password))
            yield return "Notices__Smtp__User and Notices__Smtp__Password must be set both, or neither.";
        if (!string.IsNullOrEmpty(User) && Tls == SmtpTls.None && !IsThisMachine(Host))
            yield return "Notices__Smtp__Tls must be starttls or tls where Notices__Smtp__User is set: without TLS anybody on the way reads the password.";
    }

    private static bool IsThisMachine(string? host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

/// <summary>How the connection to the mail server is encrypted: the values of <see cref="SmtpOptions.Tls"/>.</summary>
internal static class SmtpTls
{
    /// <summary>Not at all.</summary>
    public const string None = "none";

    /// <summary>By STARTTLS (RFC 3207), which the server must offer.</summary>
    public const string StartTls = "starttls";

    /// <summary>From its first byte (RFC 8314).</summary>
    public const string Tls = "tls";

    /// <summary>Every way.</summary>
    public static IReadOnlyList<string> All { get; } = [None, StartTls, Tls];
}
