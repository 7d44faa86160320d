using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Processor.Worker.Notices;

/// <summary>What became of sending an e-mail.</summary>
/// <param name="Fault">Why the mail server has not taken it, one sentence without the server's words; null when it has.</param>
/// <param name="Answer">What the server or the connection said, for the log; null when there is nothing.</param>
/// <param name="Refused">Recipients that the server does not accept, with its answer to each; the others get the mail.</param>
internal sealed record MailResult(string? Fault, string? Answer, IReadOnlyList<string> Refused);

/// <summary>Sends an e-mail by SMTP (RFC 5321), over a connection of its own: there are few.</summary>
internal sealed class SendMail(IOptions<NoticeOptions> options, TimeProvider clock)
{
    /// <summary>How long it may take, from connecting to the server's last answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Sends it. What the mail server or the network does is a result; other faults are thrown.</summary>
    public async Task<MailResult> RunAsync(MimeMessage mail)
    {
        var smtp = options.Value.Smtp;
        using var time = new CancellationTokenSource(Timeout, clock);
        using var client = new Client();
        try
        {
            await client.ConnectAsync(smtp.Host!, smtp.PortOrDefault, SecurityOf(smtp.Tls), time.Token);
            if (!string.IsNullOrEmpty(smtp.User)) await client.AuthenticateAsync(smtp.User, smtp.Password!, time.Token);
            await client.SendAsync(mail, time.Token);
        }
        catch (Exception exception) when (FaultOf(exception, smtp) is { } fault)
        {
            return new(fault, AnswerOf(exception), client.Refused);
        }

        await LeaveAsync(client, time.Token);
        return new(null, null, client.Refused);
    }

    /// <summary>Says goodbye; the mail is taken, whatever comes of that.</summary>
    private static async Task LeaveAsync(Client client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or OperationCanceledException)
        {
            // The server has hung up first.
        }
    }

    private static SecureSocketOptions SecurityOf(string tls) => tls switch
    {
        SmtpTls.Tls => SecureSocketOptions.SslOnConnect,
        SmtpTls.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    private static string? FaultOf(Exception exception, SmtpOptions smtp) => exception switch
    {
        AuthenticationException => "the mail server refuses Notices__Smtp__User with Notices__Smtp__Password; set them right",
        SslHandshakeException => $"TLS with the mail server fails (Notices__Smtp__Tls is {smtp.Tls}); the log says why",
        NotSupportedException => $"the mail server does not offer what the settings ask for (Notices__Smtp__Tls is {smtp.Tls}); the log says what",
        SmtpCommandException refused => $"the mail server answers {(int)refused.StatusCode}; the log says why",
        OperationCanceledException or TimeoutException => $"the mail server has not answered within {Timeout.TotalSeconds:0} s",
        ProtocolException => "what answers at Notices__Smtp__Host and Notices__Smtp__Port does not speak SMTP",
        SocketException or IOException => "the mail server cannot be reached; see to it, or to Notices__Smtp__Host and Notices__Smtp__Port",
        _ => null,
    };

    // MailKit's own message about a failed handshake is a page of advice; a refused login's is the server's text, which might repeat what was sent.
    private static string? AnswerOf(Exception exception) => exception switch
    {
        AuthenticationException => null,
        SslHandshakeException { InnerException: { } inner } => inner.Message,
        _ => exception.Message,
    };

    /// <summary>As MailKit's, but one wrong address among the recipients keeps nobody else from getting the mail.</summary>
    private sealed class Client : SmtpClient
    {
        private readonly List<string> _refused = [];

        // As .NET's HTTP client: an authority's list of revoked certificates that cannot be fetched is no reason to send no notice.
        public Client() => CheckCertificateRevocation = false;

        public IReadOnlyList<string> Refused => _refused;

        protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) =>
            _refused.Add($"{mailbox.Address}: {(int)response.StatusCode} {response.Response}");
    }
}
