using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Net;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Processor.Worker.Tests.Notices;

/// <summary>An e-mail as it came in.</summary>
/// <param name="To">The recipients of the envelope.</param>
/// <param name="Mail">What was sent, read.</param>
public sealed record CaughtMail(IReadOnlyList<string> To, MimeMessage Mail);

/// <summary>A real SMTP server in this process, on a port of its own: keeps what comes, and answers what the test says.</summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private MailServer()
    {
    }

    public ConcurrentQueue<CaughtMail> Caught { get; } = new();

    /// <summary>How many mails came in, those that were refused too.</summary>
    public int Came { get; private set; }

    public int Port { get; private set; }

    /// <summary>What a worker is told of it.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Notices:Smtp:Host", "127.0.0.1"), ("Notices:Smtp:Port", $"{Port}"), ("Notices:Smtp:Tls", "none"), ("Notices:From", "notices@pay.example"),
        ("Notices:To", "ops@pay.example"), ("Notices:MailInterval", "00:00:00.050"), ("Notices:MailRetryBase", "00:00:00.001"),
    ];

    /// <summary>Starts one.</summary>
    /// <param name="answer">The answer to the n-th mail, from 1; it takes all unless told otherwise.</param>
    /// <param name="password">Who sends must know it; null for no login.</param>
    /// <param name="knows">Which recipients it takes mail for; all unless told otherwise.</param>
    public static async Task<MailServer> StartAsync(
        Func<int, SmtpResponse>? answer = null, string? password = null, Func<string, bool>? knows = null)
    {
        var server = new MailServer();
        var options = new SmtpServerOptionsBuilder().ServerName("mail.test").Endpoint(endpoint => endpoint
            .Endpoint(new(IPAddress.Loopback, 0)).AllowUnsecureAuthentication().AuthenticationRequired(password is not null)).Build();
        var listeners = new EndpointListenerFactory();
        var started = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        listeners.EndpointStarted += (_, endpoint) => started.SetResult(((IPEndPoint)endpoint.LocalEndPoint).Port);
        var services = new ServiceProvider();
        services.Add(listeners);
        services.Add(new Store(server, answer ?? (_ => SmtpResponse.Ok)));
        services.Add(new DelegatingMailboxFilter((IMailbox to, IMailbox _) => knows?.Invoke(to.AsAddress()) ?? true));
        services.Add((IUserAuthenticator)new DelegatingUserAuthenticator((_, given) => given == password));
        server._running = new SmtpServer.SmtpServer(options, services).StartAsync(server._stop.Token);
        server.Port = await started.Task.WaitAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // That is how it stops.
        }

        _stop.Dispose();
    }

    private sealed class Store(MailServer server, Func<int, SmtpResponse> answer) : MessageStore
    {
        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            var response = answer(++server.Came);
            if (response.ReplyCode != SmtpReplyCode.Ok) return response;
            using var bytes = new MemoryStream(buffer.ToArray());
            server.Caught.Enqueue(new([.. transaction.To.Select(to => to.AsAddress())], await MimeMessage.LoadAsync(bytes, cancellationToken)));
            return response;
        }
    }
}
